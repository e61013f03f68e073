// Diaries: the values of any code that Observations tell of again and again, such as mood, a symptom, its triggers.
import { isJsonObject, type JsonObject } from '../../fhir/index.ts'
import { splitUnescaped, unescaped } from '../../search/index.ts'
import { codingsOf, wordsOf, type CodeableConcept } from './coded.ts'
import type { DiaryCourse } from './course.ts'
import { found, type Allowance, type Found, type Sources } from './found.ts'
import { measuredIn, timeOf } from './measured.ts'
import { isEmpty, seriesOf, type Entry, type Window } from './series.ts'

/**
 * One course for each unit in which there are values of the token's code, in Observations or in their components.
 * @param about search parameters that say whose, of which state and of which time
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
  return [...Map.groupBy(entries, ({ holder }) => unitOf(holder))]
    .map(([unit, ofUnit]): DiaryCourse => {
      const code = ofUnit.at(-1)?.holder.code as CodeableConcept
      return { asked: token, code, title: wordsOf(code) ?? token, unit, series: seriesOf(ofUnit, { window }) }
    })
    .filter(({ series }) => !isEmpty(series))
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

function unitOf(holder: JsonObject): string | undefined {
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
