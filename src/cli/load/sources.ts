// The files that `alcove load` is given: folders walked in sorted order, each file's format told by its name.
import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'

export type SourceFormat = 'json' | 'ndjson' | 'xml'

export interface Source {
  /** As the user would write it. */
  readonly file: string
  readonly format: SourceFormat
  readonly gzip: boolean
  readonly bytes: number
}

export interface Sources {
  readonly sources: readonly Source[]
  /** Files named by the user that cannot be loaded, and why. */
  readonly refused: readonly { readonly file: string; readonly rule: string }[]
  /** Files in folders that hold no FHIR by their name. */
  readonly skipped: number
}

const NO_SUCH_FILE = 'there is no such file or folder'
const OTHER = 'the name must end in .json, .ndjson, .jsonl or .xml, or one of these and .gz'

/** Finds what these files and folders (paths from `cwd`) hold. Hidden files in folders are passed over. */
export async function findSources(paths: readonly string[], cwd: string): Promise<Sources> {
  const sources: Source[] = []
  const refused: { file: string; rule: string }[] = []
  const walked = new Set<string>()
  let skipped = 0

  async function visit(path: string, named: boolean): Promise<void> {
    const absolute = join(path.startsWith('/') ? '/' : cwd, path)
    const found = await stat(absolute).catch(() => undefined)
    if (found === undefined) {
      refused.push({ file: path, rule: NO_SUCH_FILE })
    } else if (found.isDirectory()) {
      const real = await realpath(absolute)
      // A link to a folder above would never end.
      if (walked.has(real)) return
      walked.add(real)
      for (const name of (await readdir(absolute)).sort(byCodePoint))
        if (!name.startsWith('.')) await visit(`${path.replace(/\/+$/, '')}/${name}`, false)
    } else {
      const format = formatOf(path)
      if (format !== undefined) sources.push({ file: path, ...format, bytes: found.size })
      else if (named) refused.push({ file: path, rule: OTHER })
      else skipped++
    }
  }

  for (const path of paths) await visit(path, true)
  return { sources, refused, skipped }
}

function formatOf(path: string): Pick<Source, 'format' | 'gzip'> | undefined {
  const [, extension, gz] = /\.(json|ndjson|jsonl|xml)(\.gz)?$/i.exec(path) ?? []
  if (extension === undefined) return undefined
  const name = extension.toLowerCase()
  return { format: name === 'json' || name === 'xml' ? name : 'ndjson', gzip: gz !== undefined }
}

function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
