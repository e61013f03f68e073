// The transport by default: files are put into `out/` for whoever carries them, and read from `in/` where he leaves them.
import { mkdir, open, readdir, readFile, rename, writeFile, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { FhirError } from '../../fhir/index.ts'
import type { IncomingFile, OutgoingFile, Transport } from './transport.ts'

/** Only the user under whom the server runs reads them: they tell of patients. */
const OWN_FOLDER = 0o700
const OWN_FILE = 0o600
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$/

/** Below `folder`: `out`, `in`, `in/done` and `in/failed`; made when they are first needed. */
export function createFolderTransport(folder: string): Transport {
  const out = path.join(folder, 'out')
  const incoming = path.join(folder, 'in')
  return {
    async send({ name, bytes }: OutgoingFile) {
      if (!NAME.test(name)) throw new FhirError('internal', 'A file that is sent has no proper name.')
      await stored(async () => {
        await mkdir(out, { recursive: true, mode: OWN_FOLDER })
        // Whoever carries files away never sees half a one.
        const unfinished = path.join(out, `.${name}.part`)
        const file = await open(unfinished, 'w', OWN_FILE)
        await written(file, bytes)
        await rename(unfinished, path.join(out, name))
        await synced(out)
      })
    },
    async received() {
      const entries = await readdir(incoming, { withFileTypes: true }).catch(noneWithoutFolder)
      const names = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      return names.map(({ name }) => incomingFile(incoming, name)).toSorted(byName)
    },
  }
}

function incomingFile(folder: string, name: string): IncomingFile {
  const moveTo = async (kind: 'done' | 'failed'): Promise<string> => {
    const target = path.join(folder, kind)
    await mkdir(target, { recursive: true, mode: OWN_FOLDER })
    await rename(path.join(folder, name), path.join(target, name))
    return target
  }
  return {
    name,
    read: () => readFile(path.join(folder, name)),
    async done() {
      await moveTo('done')
    },
    async failed(reason) {
      const target = await moveTo('failed')
      await writeFile(path.join(target, `${name}.reason.txt`), `${reason}\n`, { mode: OWN_FILE })
    },
  }
}

async function written(file: FileHandle, bytes: Uint8Array): Promise<void> {
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function synced(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

async function stored(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    throw new FhirError('storage-failed', 'The file could not be put into the folder for what is sent.', {
      cause,
    })
  }
}

function noneWithoutFolder(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return []
  throw error
}

function byName(one: IncomingFile, other: IncomingFile): number {
  return one.name < other.name ? -1 : 1
}
