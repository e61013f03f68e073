// What is remembered with the data of how far relabelling is.
import type { Store } from '../store/index.ts'

export type Counts = Readonly<Record<string, number>>

/** One walk through everything. */
export interface PassRecord {
  /** Digest of the rules that it goes by. */
  readonly rules: string
  /** Milliseconds since 1970. */
  readonly started: number
  readonly finished: number | undefined
  readonly total: number
  readonly done: number
  readonly changed: number
  readonly added: Counts
  readonly removed: Counts
  readonly byType: Counts
  /** The type that it is in, undefined before the first, and the id of the last resource that it has gone through. */
  readonly type: string | undefined
  readonly after: string | undefined
}

export interface RelabelRecord {
  /** Digest of the rules by which all that is stored has been gone through. */
  readonly labelledBy: string | undefined
  /** Under way. */
  readonly pass: PassRecord | undefined
  /** The last that has ended. */
  readonly last: PassRecord | undefined
  /** `Type/id` of resources of which all that depends on them is to be gone through. */
  readonly pending: readonly string[]
  /** `Type/id` of resources that failed again and again: they are passed over until everything is gone through anew. */
  readonly setAside: readonly string[]
}

const SETTING = 'relabelling'

export const NOTHING_DONE: RelabelRecord = {
  labelledBy: undefined,
  pass: undefined,
  last: undefined,
  pending: [],
  setAside: [],
}

/** Where it is damaged nothing is known, so that all is gone through. */
export async function readRecord({ maintenance }: Pick<Store, 'maintenance'>): Promise<RelabelRecord> {
  const text = await maintenance.getSetting(SETTING)
  return { ...NOTHING_DONE, ...(text === undefined ? undefined : recordIn(text)) }
}

function recordIn(text: string): Partial<RelabelRecord> | undefined {
  let record: Partial<RelabelRecord> | null
  try {
    record = JSON.parse(text) as Partial<RelabelRecord> | null
  } catch {
    return undefined
  }
  if (!isNames(record?.pending) || !isNames(record?.setAside ?? [])) return undefined
  return [record?.pass, record?.last].every(isPass) ? (record ?? undefined) : undefined
}

function isNames(names: unknown): boolean {
  return Array.isArray(names) && names.every((name) => typeof name === 'string')
}

function isPass(pass: Partial<PassRecord> | null | undefined): boolean {
  return (
    pass === undefined ||
    [pass?.rules, pass?.done, pass?.total, pass?.changed].every((value) => value !== undefined)
  )
}

export async function writeRecord(
  { maintenance }: Pick<Store, 'maintenance'>,
  record: RelabelRecord,
): Promise<void> {
  await maintenance.setSetting(SETTING, JSON.stringify(record))
}

/** One more of each. */
export function addTo(counts: Counts, names: readonly string[]): Counts {
  if (names.length === 0) return counts
  const sum: Record<string, number> = { ...counts }
  for (const name of names) sum[name] = (sum[name] ?? 0) + 1
  return sum
}
