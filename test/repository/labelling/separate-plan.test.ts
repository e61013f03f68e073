// The short way to the labels of a commit comes to what the long one does, also where what is written refers to each
// other.
import * as fc from 'fast-check'
import t from 'tap'
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'
import type { LabelDraft, LabelPlan } from '../../../src/repository/labelling/label-plan.ts'
import { LabelPlanner, type LabelPlannerParts } from '../../../src/repository/labelling/label-planner.ts'
import { separatePlan } from '../../../src/repository/labelling/separate-plan.ts'
import { speak } from '../../../src/repository/labelling/spoken.ts'
import { PROGRAM_MARK } from '../../../src/access/index.ts'
import type { ResourceKey, SecurityLabel } from '../../../src/store/index.ts'
import { ACT_CODE, CONFIDENTIALITY, definitions, shippedRules } from '../../access/labels/rules.ts'
import { runs } from '../../runs.ts'

const STORED: Readonly<Record<string, readonly SecurityLabel[]>> = {
  'Observation/plain': [],
  'Observation/drinking': [
    { system: CONFIDENTIALITY, code: 'R' },
    { system: ACT_CODE, code: 'ETHUD' },
  ],
  'Organization/program': [PROGRAM_MARK],
}

const CODINGS = [
  { system: 'http://loinc.org', code: '8867-4' },
  { system: 'http://loinc.org', code: '75626-2' },
  { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'F10.20' },
  { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'B20' },
]

interface Sketch {
  readonly isOrganization: boolean
  readonly coding: number
  readonly isSent: boolean
  /** Whether it is put under an id that was free, which others may have named. */
  readonly isPut: boolean
  /** Places of other drafts, and of what is stored. */
  readonly to: readonly number[]
  readonly toStored: readonly number[]
}

const sketches: fc.Arbitrary<readonly Sketch[]> = fc.array(
  fc.record({
    isOrganization: fc.boolean(),
    coding: fc.nat(CODINGS.length - 1),
    isSent: fc.boolean(),
    isPut: fc.boolean(),
    to: fc.array(fc.nat(7), { maxLength: 3 }),
    toStored: fc.array(fc.nat(2), { maxLength: 1 }),
  }),
  { minLength: 1, maxLength: 8 },
)

const keyOf = ({ isOrganization }: Sketch, at: number): ResourceKey => ({
  type: isOrganization ? 'Organization' : 'Observation',
  id: `d${at}`,
})

function draftOf(sketch: Sketch, at: number, all: readonly Sketch[]): LabelDraft {
  const key = keyOf(sketch, at)
  const named = (text: string): JsonObject => ({ reference: text })
  const others = sketch.to.flatMap((place) => {
    const other = all[place]
    if (other === undefined || place === at) return []
    const { type, id } = keyOf(other, place)
    return [`${type}/${id}`]
  })
  const names = [...others, ...sketch.toStored.map((place) => Object.keys(STORED)[place] as string)]
  const observations = names.filter((text) => text.startsWith('Observation/')).map(named)
  const organizations = names.filter((text) => text.startsWith('Organization/')).map(named)
  const meta = sketch.isSent ? { meta: { security: [{ system: ACT_CODE, code: 'PSY' }] } } : {}
  const resource = sketch.isOrganization
    ? { resourceType: key.type, id: key.id, ...meta, name: 'A', partOf: organizations[0] }
    : {
        resourceType: key.type,
        id: key.id,
        ...meta,
        status: 'final',
        code: { coding: [CODINGS[sketch.coding] as JsonObject] },
        hasMember: observations,
        performer: organizations,
      }
  return { key, resource: resource as Resource, isNew: !sketch.isPut }
}

/** Whether a draft takes from itself by what it takes from others. */
function isCircular(all: readonly Sketch[]): boolean {
  const leadsTo = (from: number, seen: Set<number>): boolean =>
    (all[from]?.to ?? []).some((to) => {
      if (to === from || all[to] === undefined) return false
      if (seen.has(to)) return true
      return leadsTo(to, new Set([...seen, to]))
    })
  return all.some((_, at) => leadsTo(at, new Set([at])))
}

const SETTINGS = {
  store: {
    labelsOf: async (keys: readonly ResourceKey[]) => keys.map(({ type, id }) => STORED[`${type}/${id}`]),
    isUnnamed: () => true,
    referrers: async () => [],
    matches: async () => [],
  },
  definitions,
  baseUrl: 'http://alcove.example/fhir',
  rules: shippedRules,
  definitionLabels: { of: () => undefined },
  coming: (name: string) => (name === 'Observation/plain' ? [{ system: ACT_CODE, code: 'SUD' }] : []),
  mostDependents: 1000,
  servesOthers: false,
} as unknown as LabelPlannerParts

const told = ({ drafts, labels, relabelled, referrers, lowered }: LabelPlan): unknown => ({
  drafts: drafts.map(({ alone, links, ...draft }) => ({
    ...draft,
    alone: alone(),
    links: links.map(({ kind, target }) => ({ kind, target })),
  })),
  labels: labels.map(({ key, labels: found }) => ({ key, found })),
  relabelled,
  referrers,
  lowered,
})

t.test('as the long way', async (t) => {
  let linked = 0
  let puts = 0
  await fc.assert(
    fc.asyncProperty(sketches, fc.boolean(), async (all, referencesMayDangle) => {
      const parts = { ...SETTINGS, referencesMayDangle }
      const drafts = all.map(draftOf)
      const spoken = await Promise.all(drafts.map(({ resource }) => speak(parts, resource)))
      const short = await separatePlan(parts, drafts, spoken)
      if (short === undefined) return isCircular(all) || all.some(({ isPut, isSent }) => isPut && isSent)
      puts += short.referrers.length
      const names = new Set(drafts.map(({ key: { type, id } }) => `${type}/${id}`))
      if (spoken.some(({ links }) => links.some(({ target: { type, id } }) => names.has(`${type}/${id}`))))
        linked++
      const long = await new LabelPlanner(parts).plan(drafts, spoken, [])
      return JSON.stringify(told(short)) === JSON.stringify(told(long))
    }),
    runs(400),
  )
  t.ok(linked > 50, 'with links among what is written')
  t.ok(puts > 50, 'and puts from which others would take something')
})

t.test('what takes from each other in a circle is left to the long way', async (t) => {
  const sketch = { isOrganization: false, coding: 2, isSent: false, isPut: false, toStored: [] }
  const drafts = [
    { ...sketch, to: [1] },
    { ...sketch, to: [0] },
  ].map(draftOf)
  const spoken = await Promise.all(drafts.map(({ resource }) => speak(SETTINGS, resource)))
  t.equal(await separatePlan(SETTINGS, drafts, spoken), undefined)
})

t.test('what was not there, but may be named, is left to the long way', async (t) => {
  const sketch = { isOrganization: false, coding: 2, isSent: false, isPut: true, to: [], toStored: [] }
  const drafts = [sketch].map(draftOf)
  const spoken = await Promise.all(drafts.map(({ resource }) => speak(SETTINGS, resource)))
  const named = { ...SETTINGS, store: { ...SETTINGS.store, isUnnamed: () => false } }
  t.equal(await separatePlan(named, drafts, spoken), undefined, 'others would take its labels')
  const plain = [{ ...sketch, coding: 0 }].map(draftOf)
  const saidOfPlain = await Promise.all(plain.map(({ resource }) => speak(SETTINGS, resource)))
  t.ok(await separatePlan(named, plain, saidOfPlain), 'and would not, had it none')
  const dangling = { ...named, referencesMayDangle: true }
  t.equal(await separatePlan(dangling, plain, saidOfPlain), undefined, 'they may give it some')
})
