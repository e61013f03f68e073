// Reads all files of answers that the transport has received.
import { FhirError, type Issue } from '../../fhir/index.ts'
import type { Repository, WorldView } from '../../repository/index.ts'
import type { BillingParts } from '../parts.ts'
import type { IncomingFile } from '../transport/index.ts'
import type { ImportReport } from './import-report.ts'
import { importX12 } from './import-x12.ts'

export interface ImportedFile {
  readonly name: string
  /** undefined: nothing of it was stored. */
  readonly report: ImportReport | undefined
  /** Why sets of it, or all of it, were not read. */
  readonly faults: readonly Issue[]
}

/**
 * Files that are read whole are done; one of which something could not be read has failed, and can be put back once it
 * is mended; one that has nothing but sets of other kinds is left for who reads those.
 * @param now milliseconds since 1970
 * @throws FhirError where what was read could not be stored: the file stays where it is; `storage-failed`, once the others
 *   are read, where one cannot be opened
 */
export async function importReceived(
  repository: Repository,
  view: WorldView,
  parts: BillingParts,
  now: number,
): Promise<readonly ImportedFile[]> {
  const imported: ImportedFile[] = []
  const unread: unknown[] = []
  for (const file of await parts.transport.received()) {
    const bytes = await readIfThere(file).catch((error: unknown) => void unread.push(error))
    if (bytes === undefined) continue
    const { report, faults } = await importFile(repository, view, parts, bytes, now)
    imported.push({ name: file.name, report, faults })
    if (faults.length === 0) await unlessTaken(file.done())
    else if (report !== undefined || !faults.every(({ code }) => code === 'not-supported'))
      await unlessTaken(file.failed(faults.map(({ diagnostics }) => diagnostics).join('\n')))
  }
  if (unread.length > 0) throw unread[0]
  return imported
}

async function importFile(
  repository: Repository,
  view: WorldView,
  parts: BillingParts,
  bytes: Uint8Array,
  now: number,
): Promise<Pick<ImportedFile, 'report' | 'faults'>> {
  try {
    const report = await importX12(repository, view, parts, bytes, now)
    return { report, faults: report.faults }
  } catch (error) {
    if (!(error instanceof FhirError) || !UNREADABLE.has(error.code)) throw error
    return { report: undefined, faults: error.issues }
  }
}

const UNREADABLE: ReadonlySet<string> = new Set([
  'malformed',
  'too-large',
  'too-costly',
  'business-rule',
  'conflict',
])

/** undefined when somebody else has read it meanwhile. */
async function readIfThere(file: IncomingFile): Promise<Uint8Array | undefined> {
  try {
    return await file.read()
  } catch (error) {
    if (isGone(error)) return undefined
    throw nameless(error)
  }
}

async function unlessTaken(moving: Promise<void>): Promise<void> {
  try {
    await moving
  } catch (error) {
    if (!isGone(error)) throw nameless(error)
  }
}

/** Payers name files as they like, also by patients: what a file system says of one is not for the log. */
function nameless(error: unknown): FhirError {
  const { code } = error as NodeJS.ErrnoException
  const cause = Object.assign(new Error('The file system refused.'), { code })
  return new FhirError('storage-failed', 'A file of a payer could not be read, or put away.', { cause })
}

function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
