// Makes the disk of a process fail, or the process die in the middle of it, at a chosen call (faulty-disk.c).
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Environment } from '../server-process.ts'

const SOURCE = fileURLToPath(new URL('./faulty-disk.c', import.meta.url))
const FIELDS = ['syncErrno', 'writeErrno', 'countdown', 'power', 'calls', 'seed'] as const
type Field = (typeof FIELDS)[number]

export interface FaultyDisk {
  /** For the process whose disk it is. */
  readonly env: Environment
  /** At once, also while the process runs. */
  set(fields: Partial<Record<Field, number>>): void
  /** Calls so far that changed files. */
  calls(): number
}

/** In a folder of the test's own. A reason where it cannot be had. */
export function faultyDisk(folder: string): FaultyDisk | string {
  if (process.platform !== 'linux') return 'faults are injected on Linux alone'
  const library = `${folder}/faulty-disk.so`
  const built = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, SOURCE, '-ldl', '-lpthread'])
  if (built.status !== 0) return 'there is no C compiler to make a disk that fails'
  const file = `${folder}/faulty-disk`
  writeFileSync(file, Buffer.alloc(32))
  return {
    env: { LD_PRELOAD: library, FAULTY_DISK: file },
    set(fields) {
      const descriptor = openSync(file, 'r+')
      for (const [name, value] of Object.entries(fields)) {
        const bytes = Buffer.alloc(4)
        bytes.writeInt32LE(value)
        writeSync(descriptor, bytes, 0, 4, FIELDS.indexOf(name as Field) * 4)
      }
      closeSync(descriptor)
    },
    calls() {
      const descriptor = openSync(file, 'r')
      const bytes = Buffer.alloc(4)
      readSync(descriptor, bytes, 0, 4, FIELDS.indexOf('calls') * 4)
      closeSync(descriptor)
      return bytes.readInt32LE()
    },
  }
}

export const { EIO, ENOSPC, EROFS } = constants.errno
