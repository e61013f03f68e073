// Notes that the law keeps apart from the rest of the record: left out of whatever shows a record whole, unless they
// are asked for by name (psychotherapy notes, 45 CFR 164.501; SUD counseling notes, 42 CFR 2.11).
import { splitUnescaped, unescaped } from '../search/index.ts'
import type { SecurityLabel } from '../store/index.ts'
import { actCode, NOTE_KINDS, readLabel } from './labels/index.ts'

/** One kind of such notes. */
export interface NotesKeptApart {
  readonly title: string
  /** A resource that carries one of these is such a note, or tells of one. */
  readonly labels: readonly SecurityLabel[]
}

export const NOTES_KEPT_APART: readonly NotesKeptApart[] = Object.freeze([
  {
    title: 'psychotherapy notes',
    labels: [
      actCode('PSYTHPN'),
      actCode('HIPAAPsyNotes'),
      { system: NOTE_KINDS, code: 'psychotherapy-notes' },
    ],
  },
  { title: 'SUD counseling notes', labels: [{ system: NOTE_KINDS, code: 'sud-counseling-notes' }] },
])

/** A label as somebody names it; without a system it may be of any. */
export interface LabelName {
  readonly system: string | undefined
  readonly code: string
}

/** The labels that the values of a search parameter `_security` name: `code` and `system|code`, by commas. */
export function labelsNamed(values: readonly string[]): readonly LabelName[] {
  return values
    .flatMap((value) => splitUnescaped(value, ','))
    .map((token) => {
      const [first = '', second] = splitUnescaped(token, '|').map(unescaped)
      return second === undefined ? { system: undefined, code: first } : { system: first, code: second }
    })
}

/** The kind of notes that goes by this label; undefined when none does. */
export function notesNamed(name: LabelName): NotesKeptApart | undefined {
  return NOTES_KEPT_APART.find(({ labels }) => labels.some((label) => isNamed(label, name)))
}

/** The labels of all kinds but those that are asked for by one of these names. */
export function labelsKeptApart(asked: readonly LabelName[]): readonly SecurityLabel[] {
  const named = new Set(asked.map(notesNamed))
  return NOTES_KEPT_APART.filter((notes) => !named.has(notes)).flatMap(({ labels }) => labels)
}

function isNamed(label: SecurityLabel, { system, code }: LabelName): boolean {
  const read = readLabel({ system: system ?? label.system, code })
  return read !== undefined && read.system === label.system && read.code === label.code
}
