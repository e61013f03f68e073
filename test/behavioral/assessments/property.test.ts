// Made-up instruments and responses against a naive second way to add them up, with both evaluators.
import t from 'tap'
import { scoreResponse } from '../../../src/behavioral/index.ts'
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'
import { type Random, seeded } from '../../e2e/crash/seeded.ts'
import {
  coding,
  CODES,
  complex,
  deepFreeze,
  fhirpath,
  instrumentOf,
  library,
  ours,
  question,
  questionnaire,
  score,
  weight,
} from './building.ts'

interface Sketch {
  readonly linkId: string
  readonly alias: string
  /** linkId of the group around it. */
  readonly group: string | undefined
  readonly weights: readonly number[]
  /** Asked only when this earlier question was answered with its last option. */
  readonly gate: Sketch | undefined
}

const ROUNDS = 200

for (let seed = 1; seed <= ROUNDS; seed++) {
  const random = seeded(seed)
  const sketches = sketch(random)
  const mostMissing = below(3, random) === 0 ? below(sketches.length, random) : 0
  const danger = sketches[below(sketches.length, random)] as Sketch
  const form = draw(sketches, mostMissing, danger)
  const instruments = [instrumentOf(form), instrumentOf(form, library)]
  for (let n = 0; n < 4; n++) {
    const given = new Map(sketches.map((it) => [it.linkId, answerTo(it, random)]))
    const response = deepFreeze(write(sketches, given, random))
    const expected = naive(sketches, given, mostMissing)
    const endangers = (given.get(danger.linkId) ?? []).some((at) => (danger.weights[at] ?? 0) > 0)
    for (const instrument of instruments) {
      const { scores, alerts } = scoreResponse(instrument, response, { patient: undefined })
      const [total] = scores
      t.strictSame(
        { value: total?.value, missing: total?.missing, isDanger: alerts.length > 0 },
        { value: expected.total, missing: expected.missing, isDanger: endangers },
        `seed ${seed}.${n}`,
      )
    }
  }
}

/** A whole number from 0. */
function below(limit: number, random: Random): number {
  return Math.floor(random() * limit)
}

function shuffled<Item>(items: readonly Item[], random: Random): readonly Item[] {
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

function sketch(random: Random): readonly Sketch[] {
  const sketches: Sketch[] = []
  const length = 1 + below(8, random)
  for (let n = 0; n < length; n++) {
    const gate = n > 0 && below(4, random) === 0 ? sketches[below(n, random)] : undefined
    const weights = Array.from(
      { length: 2 + below(4, random) },
      () => below(10, random) / (below(3, random) === 0 ? 4 : 1),
    )
    const group = below(3, random) === 0 ? `g${below(2, random)}` : undefined
    sketches.push({ linkId: `/q-${n}`, alias: `alias${n}`, group, weights, gate })
  }
  return sketches
}

function draw(sketches: readonly Sketch[], mostMissing: number, danger: Sketch): Resource {
  const items = new Map<string | undefined, JsonObject[]>()
  for (const { linkId, alias, group, weights, gate } of sketches) {
    const last = gate === undefined ? undefined : coding(`${gate.linkId}.${gate.weights.length - 1}`)
    const drawn = question(linkId, {
      extension: [ours('item-alias', { valueString: alias })],
      answerOption: weights.map((it, n) => ({
        valueCoding: coding(`${linkId}.${n}`),
        extension: [weight(it)],
      })),
      ...(gate === undefined
        ? {}
        : { enableWhen: [{ question: gate.linkId, operator: '=', answerCoding: last }] }),
    })
    items.set(group, [...(items.get(group) ?? []), drawn])
  }
  const groups = [...items].filter(([group]) => group !== undefined)
  return questionnaire(
    [
      ...groups.map(([linkId, item]): JsonObject => ({ linkId: linkId as string, type: 'group', item })),
      ...(items.get(undefined) ?? []),
      score({
        over: sketches.map(({ linkId }) => linkId),
        expression: '%resource.repeat(item).answer.value.weight().sum()',
        parts: [['mostMissing', 'valueUnsignedInt', mostMissing]],
      }),
    ],
    {
      extension: [
        complex(
          'alert',
          ['id', 'valueId', 'danger'],
          ['title', 'valueString', 'Danger'],
          ['level', 'valueCode', 'high'],
          [
            'when',
            'valueExpression',
            fhirpath(`%resource.repeat(item).where(linkId = '${danger.linkId}').answer.value.weight() > 0`),
          ],
        ),
      ],
    },
  )
}

/** The options chosen: mostly one, sometimes none, the same twice, or two that differ. */
function answerTo({ weights }: Sketch, random: Random): readonly number[] {
  const chance = below(12, random)
  const one = below(weights.length, random)
  if (chance === 0) return []
  if (chance === 1) return [one, one]
  return chance === 2 ? [one, below(weights.length, random)] : [one]
}

/** In any order, by linkId or alias, in their groups or outside of them, as one item or several. */
function write(
  sketches: readonly Sketch[],
  given: ReadonlyMap<string, readonly number[]>,
  random: Random,
): Resource {
  const item: JsonObject[] = []
  const groups = new Map<string, JsonObject[]>()
  for (const sketch of shuffled(sketches, random)) {
    const answers = (given.get(sketch.linkId) ?? []).map((at): JsonObject => {
      const code = `${sketch.linkId}.${at}`
      return {
        valueCoding: below(3, random) === 0 ? { code } : { system: CODES, code, extension: [weight(99)] },
      }
    })
    const linkId = below(3, random) === 0 ? sketch.alias : sketch.linkId
    const occurrences =
      below(2, random) === 0 ? [{ linkId, answer: answers }] : answers.map((it) => ({ linkId, answer: [it] }))
    if (sketch.group === undefined || below(3, random) === 0) item.push(...occurrences)
    else groups.set(sketch.group, [...(groups.get(sketch.group) ?? []), ...occurrences])
  }
  for (const [linkId, within] of groups) item.push({ linkId, item: within })
  return { resourceType: 'QuestionnaireResponse', status: 'completed', item }
}

function naive(
  sketches: readonly Sketch[],
  given: ReadonlyMap<string, readonly number[]>,
  mostMissing: number,
): { readonly total: number | undefined; readonly missing: readonly string[] } {
  const valid = (it: Sketch): number | undefined => {
    const chosen = new Set(given.get(it.linkId))
    return chosen.size === 1 ? [...chosen][0] : undefined
  }
  const isAsked = ({ gate }: Sketch): boolean => gate === undefined || valid(gate) === gate.weights.length - 1
  const missing = sketches.filter((it) => valid(it) === undefined && isAsked(it)).map(({ linkId }) => linkId)
  const weights = sketches.flatMap((it) => it.weights[valid(it) ?? -1] ?? [])
  const hasAny = missing.length < sketches.length
  const total = hasAny && missing.length <= mostMissing ? weights.reduce((sum, it) => sum + it, 0) : undefined
  return { total, missing }
}
