// Judges a code by the editions of a list: the one of the day, or those on either side where the list has none of that day.
import type { CodeList } from './code-list.ts'
import type { DiagnosisFault, DiagnosisFaultKind } from './diagnosis-fault.ts'
import { withDot, withoutDot, withPlaceholders } from './written-code.ts'

/** How many codes are named; of more, only the first and the last. */
const MOST_NAMED = 12

/** @param date `YYYY-MM-DD` */
export function judgeCode(list: CodeList, written: string, date: string): DiagnosisFault | undefined {
  const code = withoutDot(written)
  if (code === undefined) return malformed(list, written, date)
  const judges = editionsFor(list, date)
  const place = list.find(code)
  const standings = judges.map((edition) => (place === undefined ? 'absent' : list.standing(place, edition)))
  if (standings.includes('billable')) return undefined
  const asCategory = judges[standings.lastIndexOf('category')]
  if (asCategory !== undefined) {
    const nearest = billableUnder(list, code, asCategory)
    return fault(
      'category',
      `${withDot(code)} is a category with codes under it, which is not billed`,
      nearest,
    )
  }
  const nearest = nearestTo(list, code, judges.at(-1) ?? 0)
  return place === undefined
    ? unlisted(list, code, date, nearest)
    : outOfTime(list, { code, place, date, nearest })
}

/** The edition of the day; where there is none, the last before it and the first after it. */
function editionsFor({ editions }: CodeList, date: string): readonly number[] {
  const ofDay = editions.findLastIndex(({ first, last }) => first <= date && date <= last)
  if (ofDay !== -1) return [ofDay]
  const before = editions.findLastIndex(({ last }) => last < date)
  const after = editions.findIndex(({ first }) => date < first)
  return [before, after].filter((edition) => edition !== -1)
}

function malformed(list: CodeList, written: string, date: string): DiagnosisFault {
  const code = withoutDot(written.replaceAll(/[^0-9A-Za-z]/g, '').toUpperCase())
  const isMeant = code !== undefined && judgeCode(list, code, date) === undefined
  const text = 'codes of ICD-10-CM are written with capitals and a dot after the third character, like F33.1'
  return fault('malformed', text, isMeant ? [withDot(code)] : [])
}

/** No edition has it: wrong on a day that the list knows, else only not known. */
function unlisted(list: CodeList, code: string, date: string, nearest: readonly string[]): DiagnosisFault {
  const { editions } = list
  const isKnownDay = editions.some(({ first, last }) => first <= date && date <= last)
  if (isKnownDay) return fault('unknown', `${withDot(code)} is not a code of ICD-10-CM on ${date}`, nearest)
  const last = editions.at(-1)?.last ?? ''
  const name = withDot(code)
  return date > last
    ? fault(
        'newer-than-list',
        `${name} is newer than the list, which ends on ${last}, or not a code of ICD-10-CM`,
        nearest,
      )
    : fault('older-than-list', `${name} is not in the list, which has no edition of ${date}`, nearest)
}

interface OutOfTime {
  readonly code: string
  readonly place: number
  readonly date: string
  readonly nearest: readonly string[]
}

/** Another edition has it, those of the day do not. */
function outOfTime(list: CodeList, { code, place, date, nearest }: OutOfTime): DiagnosisFault {
  const having = list.editions.filter((_, edition) => list.standing(place, edition) !== 'absent')
  const past = having.findLast(({ last }) => last < date)
  if (past !== undefined) {
    const text = `${withDot(code)} is no longer valid on ${date}: it is listed until ${past.last}`
    return fault('no-longer-valid', text, nearest)
  }
  const text = `${withDot(code)} is not yet valid on ${date}: it is listed from ${having[0]?.first} on`
  return fault('not-yet-valid', text, nearest)
}

/** What `code` was probably meant to be: itself with placeholders, else of the longest beginning that is listed. */
function nearestTo(list: CodeList, code: string, edition: number): readonly string[] {
  const isBillable = (tried: string): boolean => {
    const place = list.find(tried)
    return place !== undefined && list.standing(place, edition) === 'billable'
  }
  const filled = withPlaceholders(code)
  if (code.length > 3 && code.length < 7 && isBillable(filled)) return [withDot(filled)]
  for (let length = code.length - 1; length >= 3; length--) {
    const beginning = code.slice(0, length)
    if (isBillable(beginning)) return [withDot(beginning)]
    const under = billableUnder(list, beginning, edition)
    if (under.length > 0) return under
  }
  return []
}

/** In the order of the list, with dots. */
function billableUnder(list: CodeList, code: string, edition: number): readonly string[] {
  const [from, to] = list.under(code)
  const found: string[] = []
  for (let place = from; place < to; place++)
    if (list.standing(place, edition) === 'billable') found.push(withDot(list.codeAt(place)))
  return found
}

function fault(kind: DiagnosisFaultKind, text: string, nearest: readonly string[]): DiagnosisFault {
  const isInDoubt = kind === 'newer-than-list' || kind === 'older-than-list'
  const named = namesOf(nearest)
  const advice = isInDoubt ? `nearest to it: ${named}` : `use ${named}`
  return {
    kind,
    severity: isInDoubt ? 'warning' : 'error',
    text: named === '' ? text : `${text}; ${advice}`,
    instead: nearest.length > MOST_NAMED ? [] : nearest,
  }
}

function namesOf(codes: readonly string[]): string {
  if (codes.length > MOST_NAMED) return `one of the ${codes.length} codes from ${codes[0]} to ${codes.at(-1)}`
  if (codes.length < 2) return codes.join('')
  return `${codes.slice(0, -1).join(', ')} or ${codes.at(-1)}`
}
