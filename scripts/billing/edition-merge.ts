// Joins editions of ICD-10-CM into the text of one list, as src/billing/diagnoses/code-list.ts reads it.
import type { CodeList, Edition } from '../../src/billing/diagnoses/code-list.ts'
import type { OrderedCode } from './order-file.ts'

export interface EditionCodes extends Edition {
  readonly codes: ReadonlyMap<string, OrderedCode>
}

const HEADING = [
  '# ICD-10-CM, of the CDC (NCHS) and the CMS; in the public domain. Made by scripts/billing/make-icd10cm.ts.',
  '# code, mark of each edition (- absent, 0 category, 1 billable), long description',
]

/** The editions that a list holds; each code with the words of the last edition that has it. */
export function editionsOf(list: CodeList): readonly EditionCodes[] {
  const editions = list.editions.map((edition) => ({ ...edition, codes: new Map<string, OrderedCode>() }))
  for (let place = 0; place < list.size; place++) {
    const { code, standings, text } = list.at(place)
    for (const [edition, standing] of standings.entries())
      if (standing !== 'absent')
        editions[edition]?.codes.set(code, { isBillable: standing === 'billable', text })
  }
  return editions
}

/**
 * With `added` among them, in the order of their days. One that begins in the midst of another ends it the day before; one
 * that begins with another takes its place.
 * @throws Error where the days overlap otherwise
 */
export function withEdition(editions: readonly EditionCodes[], added: EditionCodes): readonly EditionCodes[] {
  const others = editions
    .filter(({ first }) => first !== added.first)
    .map((edition) =>
      edition.first < added.first && added.first <= edition.last
        ? { ...edition, last: dayBefore(added.first) }
        : edition,
    )
  const all = [...others, added].toSorted((a, b) => (a.first < b.first ? -1 : 1))
  for (const [index, { first, last }] of all.entries()) {
    if (last < first) throw new Error(`an edition ends on ${last}, before it begins on ${first}`)
    const next = all[index + 1]
    if (next !== undefined && next.first <= last)
      throw new Error(`the edition from ${first} to ${last} reaches into the one from ${next.first}`)
  }
  return all
}

export function listText(editions: readonly EditionCodes[]): string {
  const codes = [...new Set(editions.flatMap((edition) => [...edition.codes.keys()]))].toSorted()
  const lines = codes.map((code) => {
    const marks = editions.map((edition) => markOf(edition.codes.get(code))).join('')
    const text = editions.findLast((edition) => edition.codes.has(code))?.codes.get(code)?.text
    return `${code}\t${marks}\t${text}`
  })
  const days = editions.map(({ first, last }) => `# edition ${first} ${last}`)
  return `${[...HEADING, ...days, ...lines].join('\n')}\n`
}

function markOf(code: OrderedCode | undefined): string {
  if (code === undefined) return '-'
  return code.isBillable ? '1' : '0'
}

function dayBefore(day: string): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() - 1)
  return date.toISOString().slice(0, 10)
}
