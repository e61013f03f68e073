// What a resource's labels come to, and how they stand in it.
import * as fc from 'fast-check'
import t from 'tap'
import {
  contentLabels,
  loweredBy,
  PROGRAM_MARK,
  PROGRAM_MARKS,
  PART_2_PROGRAM,
  sentOf,
  settledLabels,
  withLabels,
} from '../../../src/access/labels/index.ts'
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'
import type { SecurityLabel } from '../../../src/store/index.ts'
import { ACT_CODE, condition, CONFIDENTIALITY, NOTE_KINDS, shippedRules } from './rules.ts'

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const act = (code: string): SecurityLabel => ({ system: ACT_CODE, code })
const level = (code: string): SecurityLabel => ({ system: CONFIDENTIALITY, code })
const coding = ({ system, code }: SecurityLabel): JsonObject => ({ system, code })
const computed = (label: SecurityLabel): JsonObject => ({ ...coding(label), userSelected: false })
const codes = (labels: readonly SecurityLabel[]): string[] => labels.map(({ code }) => code)
const observation = (more: JsonObject = {}): Resource =>
  ({ resourceType: 'Observation', id: 'o', status: 'final', code: { text: 'x' }, ...more }) as Resource

/** As a write of it would leave it. */
function written(
  resource: Resource,
  current?: Resource,
  taken: readonly SecurityLabel[] = [],
): { readonly resource: Resource; readonly labels: readonly SecurityLabel[] } {
  const sent = sentOf(resource, current?.meta as JsonObject | undefined)
  const labels = settledLabels(shippedRules, resource, sent, contentLabels(shippedRules, resource), taken)
  return { resource: withLabels(resource, sent, labels), labels }
}

function securityOf(resource: Resource): JsonObject[] {
  return ((resource.meta as JsonObject | undefined)?.['security'] ?? []) as JsonObject[]
}

t.test('what says nothing stays as it is', async (t) => {
  const plain = observation({ meta: { profile: ['http://p.example'] } })
  t.equal(written(plain).resource, plain, 'the same object, so that nothing is copied')
  t.same(written(plain).labels, [])
  t.equal(written(observation()).resource.meta, undefined)
})

t.test('what is found is written behind what was sent, and marked as the server’s own', async (t) => {
  const sent = { ...coding(act('NORDSCLCD')), display: 'do not redisclose' }
  const { resource, labels } = written(condition(ICD, 'F10.20', { meta: { security: [sent] } }))
  t.same(codes(labels), ['R', 'ETHUD', 'NORDSCLCD', 'SUD'])
  t.same(securityOf(resource), [sent, computed(level('R')), computed(act('ETHUD')), computed(act('SUD'))])
})

t.test('a label that is sent and found stays as it was sent', async (t) => {
  const { resource } = written(condition(ICD, 'F10.20', { meta: { security: [coding(act('SUD'))] } }))
  t.same(securityOf(resource), [coding(act('SUD')), computed(level('R')), computed(act('ETHUD'))])
})

t.test('an older name of a label stays, with today’s beside it', async (t) => {
  const old = { system: 'http://hl7.org/fhir/v3/ActCode', code: 'ETH' }
  const { resource } = written(observation({ meta: { security: [old] } }))
  t.same(securityOf(resource)[0], old)
  t.same(codes(securityOf(resource).slice(1) as unknown as SecurityLabel[]), ['R', 'ETH', 'SUD'])
})

t.test('normal is said only where something else is', async (t) => {
  t.same(codes(written(observation(), undefined, [{ system: 'urn:clinic', code: 'own' }]).labels), [
    'N',
    'own',
  ])
  t.same(codes(written(observation({ meta: { security: [coding(act('NORDSCLCD'))] } })).labels), [
    'NORDSCLCD',
  ])
  const role = { resourceType: 'PractitionerRole', id: 'r' } as Resource
  t.same(codes(written(role, undefined, [PROGRAM_MARK]).labels), ['part2-program'])
})

t.test('of several levels the highest stands, and a lower one that was sent goes', async (t) => {
  const both = [coding(level('N')), coding(level('V'))]
  t.same(securityOf(written(observation({ meta: { security: both } })).resource), [coding(level('V'))])
})

t.test('what was sent before is kept by a write that leaves it out', async (t) => {
  const first = written(observation({ meta: { security: [coding(act('HIV'))] } })).resource
  const second = written(observation({ valueString: 'other' }), first).resource
  t.same(securityOf(second), securityOf(first))
})

t.test('what was found before goes when the content no longer says it', async (t) => {
  const first = written(condition(ICD, 'F10.20')).resource
  const sentBack = condition(ICD, 'E11.9', { meta: first.meta as JsonObject })
  t.same(written(sentBack, first).resource.meta, undefined)
  t.same(codes(written(condition(ICD, 'E11.9', {}), first).labels), [])
})

t.test('who takes the server’s marking off a label has sent it', async (t) => {
  const first = written(condition(ICD, 'F10.20')).resource
  const stripped = securityOf(first).map(({ system, code }): JsonObject => ({ system, code }) as JsonObject)
  const second = written(condition(ICD, 'E11.9', { meta: { security: stripped } }), first).resource
  t.same(securityOf(second), stripped)
})

t.test('the server’s marking on what it had not found counts for nothing', async (t) => {
  const claimed = observation({ meta: { security: [computed(act('HIV'))] } })
  const { resource } = written(claimed)
  t.same(securityOf(resource), [coding(act('HIV')), computed(level('R'))])
})

t.test('labels of what stands inside count for the whole', async (t) => {
  const bundle = {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      { resource: observation({ meta: { security: [coding(act('SDV'))] } }) },
      {
        resource: observation({
          contained: [{ resourceType: 'Basic', meta: { security: [coding(act('PSY'))] } }],
        }),
      },
    ],
  } as unknown as Resource
  t.same(codes(written(bundle).labels), ['R', 'PSY', 'SDV'])
  const container = observation({
    contained: [{ resourceType: 'Patient', id: 'p', meta: { security: [coding(level('V'))] } }],
  })
  t.same(codes(written(container).labels), ['V'])
})

t.test('a note that the law keeps apart', async (t) => {
  const note = {
    resourceType: 'DocumentReference',
    type: { coding: [{ system: NOTE_KINDS, code: 'psychotherapy-notes' }] },
  }
  t.same(codes(written(note as unknown as Resource).labels), ['V', 'HIPAAPsyNotes', 'PSYTHPN'])
})

t.test('programs', async (t) => {
  const flagged = (type: string, value: boolean): Resource =>
    ({ resourceType: type, id: 'x', extension: [{ url: PART_2_PROGRAM, valueBoolean: value }] }) as Resource
  t.same(written(flagged('Organization', true)).labels, [PROGRAM_MARK])
  t.same(written(flagged('Organization', false), undefined, [PROGRAM_MARK]).labels, [])
  t.same(written({ resourceType: 'Location', id: 'l' } as Resource, undefined, [PROGRAM_MARK]).labels, [
    PROGRAM_MARK,
  ])
  t.same(written(flagged('Observation', true)).labels, [], 'no record is a program')
  t.equal(PROGRAM_MARK.system, PROGRAM_MARKS)
})

t.test('what is said to be less confidential than it is', async (t) => {
  const lowered = (security: JsonObject[], labels: readonly SecurityLabel[]) =>
    loweredBy(observation({ meta: { security } }), labels)
  const sud = [level('R'), act('SUD')]
  t.equal(lowered([coding(level('N'))], sud), 0)
  t.equal(lowered([coding(act('SUD')), coding(level('M'))], sud), 1)
  t.equal(lowered([coding(level('R'))], sud), undefined)
  t.equal(lowered([coding(level('V'))], [level('V')]), undefined)
  t.equal(lowered([coding(level('N')), coding(level('R'))], sud), undefined, 'the higher of two is meant')
  t.equal(lowered([], sud), undefined)
  t.equal(lowered([coding(act('SUD'))], sud), undefined)
  t.equal(
    lowered([computed(level('N'))], sud),
    undefined,
    'what the server put there is not the client’s word',
  )
  t.equal(
    lowered([{ system: 'http://hl7.org/fhir/v3/Confidentiality', code: 'n' }], sud),
    0,
    'by its older name',
  )
  t.equal(loweredBy(observation(), sud), undefined)
})

const LABELS = [
  ...['U', 'N', 'R', 'V'].map(level),
  ...['SUD', 'ETHUD', 'HIV', 'GENDER', '42CFRPart2', 'NORDSCLCD', 'PSYTHPN'].map(act),
  { system: 'urn:clinic', code: 'own' },
]
const someLabels = fc.subarray(LABELS)
const sentBy = (labels: readonly SecurityLabel[]) => ({ codings: labels.map(coding) })
const settle = (
  sent: readonly SecurityLabel[],
  content: readonly SecurityLabel[],
  taken: readonly SecurityLabel[],
) => settledLabels(shippedRules, observation(), sentBy(sent), content, taken)
const rank = (labels: readonly SecurityLabel[]): number =>
  Math.max(
    -1,
    ...labels.filter(({ system }) => system === CONFIDENTIALITY).map(({ code }) => 'ULMNRV'.indexOf(code)),
  )
const others = (labels: readonly SecurityLabel[]): string[] =>
  labels.filter(({ system }) => system !== CONFIDENTIALITY).map(({ code }) => code)

t.test('more said is never less labelled; in whatever order, and once is as good as twice', async (t) => {
  fc.assert(
    fc.property(someLabels, someLabels, someLabels, someLabels, (sent, content, taken, more) => {
      const labels = settle(sent, content, taken)
      for (const larger of [
        settle([...sent, ...more], content, taken),
        settle(sent, [...content, ...more], taken),
        settle(sent, content, [...taken, ...more]),
      ]) {
        if (rank(larger) < rank(labels)) return false
        if (!others(labels).every((code) => others(larger).includes(code))) return false
      }
      t.same(settle(sent.toReversed(), content.toReversed(), taken.toReversed()), labels)
      t.same(settle(sent, [...content, ...labels], taken), labels)
      return true
    }),
    { seed: 61, numRuns: 300 },
  )
})

t.test('what is read and put back changes nothing; more than that only ever adds', async (t) => {
  fc.assert(
    fc.property(someLabels, someLabels, (sent, taken) => {
      const first = written(observation({ meta: { security: sent.map(coding) } }), undefined, taken).resource
      const again = written(first, first, taken)
      t.equal(again.resource, first, 'the same object')
      const bare = written(observation(), first, taken)
      t.same(securityOf(bare.resource), securityOf(first))
    }),
    { seed: 62, numRuns: 300 },
  )
})
