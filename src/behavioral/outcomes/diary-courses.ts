// Diaries: the values of any code that Observations tell of again and again, such as mood, a symptom, its triggers.
import { FhirError, isJsonObject } from '../../fhir/index.ts'
import { splitUnescaped, unescaped } from '../../search/index.ts'
import { codingsOf, wordsOf, type CodeableConcept } from './coded.ts'
import type { DiaryCourse } from './course.ts'
import { found, type Allowance, type Found, type Sources } from './found.ts'
import { measuredIn, timeOf } from './measured.ts'
import { isEmpty, seriesOf, type Entry, type Window } from './series.ts'

const MOST_KINDS = 10

/**
 * Of the token's code, in Observations or in their components, a course for each unit of its numbers, and one of its
 * results in words.
 * @param about search parameters that say whose, of which state and of which time
 * @throws FhirError `too-costly`, `invalid-search`
 */
export async function diaryCourses(
  sources: Sources,
  token: string,
  about: readonly (readonly [string, string])[],
  window: Window,
  allowance: Allowance,
): Promise<readonly DiaryCourse[]> {
  const observations = await found(sources, 'Observation', [...about, ['combo-code', token]], allowance)
  const isMeant = tokenTest(token)
  const entries = observations
    .map((observation) => ({ observation, at: timeOf(observation.resource)?.at ?? -Infinity }))
    .toSorted((a, b) => a.at - b.at)
    .flatMap(({ observation }) => entriesOf(observation, isMeant))
  const kinds = kindsOf(entries)
  if (kinds.length > MOST_KINDS)
    throw new FhirError(
      'too-costly',
      `The values of one code are in more than ${MOST_KINDS} units; they are no series.`,
    )
  return kinds
    .map(({ unit, ofKind }): DiaryCourse => {
      const code = ofKind.at(-1)?.holder.code as CodeableConcept
      return { asked: token, code, title: wordsOf(code) ?? token, unit, series: seriesOf(ofKind, { window }) }
    })
    .filter(({ series }) => !isEmpty(series))
}

interface Kind {
  readonly unit: string | undefined
  readonly ofKind: readonly Entry[]
}

/** Numbers by their units, and results in words; what has no value is of the kind that most are of. */
function kindsOf(entries: readonly Entry[]): readonly Kind[] {
  const groups = Map.groupBy(entries, ({ holder }) => {
    const measured = measuredIn(holder)
    if (measured.kind === 'number') return `number ${measured.unit ?? ''}`
    return measured.kind
  })
  const without = groups.get('none') ?? []
  groups.delete('none')
  const kinds = [...groups.values()].map((ofKind) => ({ unit: unitOf(ofKind[0] as Entry), ofKind }))
  const [largest] = kinds.toSorted((a, b) => b.ofKind.length - a.ofKind.length)
  if (largest === undefined) return without.length === 0 ? [] : [{ unit: undefined, ofKind: without }]
  return kinds.map((kind) => (kind === largest ? { ...kind, ofKind: [...without, ...kind.ofKind] } : kind))
}

/** The Observation where it has the code itself and a value, else its components that have the code. */
function entriesOf(observation: Found, isMeant: (code: CodeableConcept) => boolean): readonly Entry[] {
  const { resource } = observation
  const components = (Array.isArray(resource.component) ? resource.component : [])
    .filter(isJsonObject)
    .filter(({ code }) => isJsonObject(code) && isMeant(code))
    .map((holder) => ({ observation, holder }))
  const isItself = isJsonObject(resource.code) && isMeant(resource.code)
  const hasValue = measuredIn(resource).kind !== 'none'
  if (isItself && (hasValue || components.length === 0))
    return [{ observation, holder: resource }, ...components]
  return components
}

function unitOf({ holder }: Entry): string | undefined {
  const measured = measuredIn(holder)
  return measured.kind === 'number' ? measured.unit : undefined
}

/** Whether a code is what a search token of it means: `code`, `system|code`, `|code`, `system|`. */
function tokenTest(token: string): (code: CodeableConcept) => boolean {
  const [first = '', second] = splitUnescaped(token, '|').map(unescaped)
  return (concept) =>
    codingsOf(concept).some(({ system, code }) => {
      if (second === undefined) return code === first
      return (system ?? '') === first && (second === '' || code === second)
    })
}
