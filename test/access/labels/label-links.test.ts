// Which references carry labels, and what along them.
import t from 'tap'
import {
  canonicalSources,
  givesAlong,
  labelLinks,
  type LabelLinkKind,
  PROGRAM_MARK,
  taken,
  takerOf,
  takesFromReferrers,
} from '../../../src/access/labels/index.ts'
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'
import type { SecurityLabel } from '../../../src/store/index.ts'
import { DECISIONS } from './link-decisions.ts'
import { ACT_CODE, CONFIDENTIALITY, definitions, NOTE_KINDS } from './rules.ts'

const BASE = 'http://alcove.example/fhir'
const PROGRAMS = ['Organization', 'HealthcareService', 'Location', 'PractitionerRole', 'Practitioner']
const act = (code: string): SecurityLabel => ({ system: ACT_CODE, code })
const level = (code: string): SecurityLabel => ({ system: CONFIDENTIALITY, code })
const linksOf = (resource: JsonObject): string[] =>
  labelLinks(resource as Resource, definitions, BASE).map(
    ({ kind, target, path }) => `${kind} ${target.type}/${target.id} ${path}`,
  )
const ref = (reference: string): JsonObject => ({ reference })

t.test('a record inherits from records, and is made by programs', async (t) => {
  t.same(
    linksOf({
      resourceType: 'Observation',
      id: 'o',
      subject: ref('Patient/p'),
      encounter: ref('Encounter/e'),
      performer: [ref('Practitioner/dr'), ref(`${BASE}/Organization/org/_history/2`)],
      derivedFrom: [ref('QuestionnaireResponse/q'), ref('Encounter/e')],
      device: ref('Device/d'),
      extension: [{ url: 'http://x.example', valueReference: ref('Condition/c') }],
      component: [{ extension: [{ url: 'http://x.example', valueReference: ref('Location/l') }] }],
    }),
    [
      'inherits Encounter/e Observation.encounter',
      'program Practitioner/dr Observation.performer[0]',
      'program Organization/org Observation.performer[1]',
      'inherits QuestionnaireResponse/q Observation.derivedFrom[0]',
      'inherits Condition/c Observation.extension[0].value',
      'program Location/l Observation.component[0].extension[0].value',
    ],
  )
})

t.test('what leads nowhere here carries nothing', async (t) => {
  t.same(
    linksOf({
      resourceType: 'Observation',
      id: 'o',
      contained: [{ resourceType: 'Encounter', id: 'e' }],
      encounter: ref('#e'),
      focus: [
        ref('urn:uuid:0c4bd5a0-3d70-4a0c-9a0c-1a2b3c4d5e6f'),
        ref('http://other.example/fhir/Encounter/1'),
        ref('Encounter?identifier=1'),
        ref('Observation/o'),
        ref('Nonsense/1'),
        { display: 'Encounter/1' },
        { reference: 3 },
      ],
    }),
    [],
  )
})

t.test('what contained resources refer to counts for the container', async (t) => {
  t.same(
    linksOf({
      resourceType: 'Observation',
      id: 'o',
      contained: [
        { resourceType: 'PractitionerRole', id: 'r', organization: ref('Organization/org') },
        { resourceType: 'Procedure', id: 'x', encounter: ref('Encounter/e') },
      ],
    }),
    [
      'program Organization/org Observation.contained[0].organization',
      'inherits Encounter/e Observation.contained[1].encounter',
    ],
  )
})

t.test('what a Bundle holds refers to others, and within', async (t) => {
  t.same(
    linksOf({
      resourceType: 'Bundle',
      id: 'b',
      entry: [
        { resource: { resourceType: 'Encounter', id: 'inside' } },
        {
          resource: {
            resourceType: 'Observation',
            id: 'o',
            encounter: ref('Encounter/inside'),
            partOf: [ref('Procedure/outside')],
          },
        },
      ],
    }),
    ['inherits Procedure/outside Bundle.entry[1].resource.partOf[0]'],
  )
})

t.test('actors belong, and take nothing else', async (t) => {
  t.same(
    linksOf({
      resourceType: 'PractitionerRole',
      id: 'r',
      practitioner: ref('Practitioner/dr'),
      organization: ref('Organization/org'),
      healthcareService: [ref('HealthcareService/h')],
      location: [ref('Location/l')],
      extension: [{ url: 'http://x.example', valueReference: ref('Encounter/e') }],
    }),
    [
      'belongs Practitioner/dr PractitionerRole.practitioner',
      'belongs Organization/org PractitionerRole.organization',
      'belongs HealthcareService/h PractitionerRole.healthcareService[0]',
    ],
  )
  t.same(linksOf({ resourceType: 'Practitioner', qualification: [{ issuer: ref('Organization/org') }] }), [])
  t.same(linksOf({ resourceType: 'Questionnaire', extension: [{ valueReference: ref('Encounter/e') }] }), [])
})

t.test('a Provenance takes from what it is about, and gives what its agents are', async (t) => {
  t.same(
    linksOf({
      resourceType: 'Provenance',
      id: 'v',
      target: [ref('Observation/o'), ref('Patient/p')],
      agent: [{ who: ref('Practitioner/dr'), onBehalfOf: ref('Organization/org') }],
      entity: [{ what: ref('DocumentReference/d'), agent: [{ who: ref('Organization/source') }] }],
    }),
    [
      'records Observation/o Provenance.target[0]',
      'inherits Observation/o Provenance.target[0]',
      'records Patient/p Provenance.target[1]',
      'belongs Practitioner/dr Provenance.agent[0].who',
      'belongs Organization/org Provenance.agent[0].onBehalfOf',
      'inherits DocumentReference/d Provenance.entity[0].what',
    ],
  )
})

t.test('attachments', async (t) => {
  t.same(
    linksOf({
      resourceType: 'DocumentReference',
      id: 'd',
      content: [
        { attachment: { url: 'Binary/b' } },
        { attachment: { url: `${BASE}/Binary/c` } },
        { attachment: { url: 'http://other.example/Binary/x' } },
      ],
    }),
    [
      'attachment Binary/b DocumentReference.content[0].attachment',
      'attachment Binary/c DocumentReference.content[1].attachment',
    ],
  )
  t.same(linksOf({ resourceType: 'Binary', id: 'b', securityContext: ref('Encounter/e') }), [
    'inherits Encounter/e Binary.securityContext',
  ])
})

t.test('what a Consent is about is no part of it', async (t) => {
  const provision = {
    data: [{ meaning: 'instance', reference: ref('Observation/o') }],
    actor: [{ reference: ref('Organization/org') }],
  }
  t.same(linksOf({ resourceType: 'Consent', id: 'c', organization: [ref('Organization/own')], provision }), [
    'program Organization/own Consent.organization[0]',
  ])
})

t.test('every Reference of R4 that may name a program has been decided on', async (t) => {
  const decided: string[] = []
  const visit = (
    root: string,
    name: string,
    prefix: string,
    build: (inner: JsonObject) => JsonObject,
  ): void => {
    for (const { name: element, max, choice, types } of definitions.type(name)?.elements ?? [])
      for (const { code, targets } of types) {
        const wrap = (value: JsonObject): JsonObject => ({
          [choice ? `${element}${code}` : element]: max > 1 ? [value] : value,
        })
        if (definitions.type(code)?.kind === 'backbone') {
          if (!prefix.includes(`${element}.`) && prefix.split('.').length < 7)
            visit(root, code, `${prefix}${element}.`, (inner) => build(wrap(inner)))
        } else if (code === 'Reference' && PROGRAMS.some((type) => targets.includes(type))) {
          const resource = { ...build(wrap(ref('Organization/org'))), resourceType: root }
          const [link] = labelLinks(resource as Resource, definitions, BASE)
          decided.push(`${root}.${prefix}${element} ${link?.kind ?? '-'}`)
        }
      }
  }
  for (const type of definitions.resourceTypes) visit(type, type, '', (inner) => inner)
  t.same([...new Set(decided)].filter((line) => !line.endsWith(' -')).length > 100, true)
  t.same([...new Set(decided)].join('\n'), DECISIONS.trim())
})

t.test('what is taken', async (t) => {
  const labels = [
    level('R'),
    act('SUD'),
    act('42CFRPart2'),
    act('NORDSCLCD'),
    act('MASK'),
    act('42CFRPart2CD'),
    act('DRAFTMark'),
    { system: NOTE_KINDS, code: 'sud-counseling-notes' },
    { system: 'urn:clinic', code: 'own' },
    { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' },
    { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'REDACTED' },
    PROGRAM_MARK,
  ]
  const codes = (kind: LabelLinkKind, given = labels) => taken(kind, given).map(({ code }) => code)
  for (const kind of ['inherits', 'attachment'] as const) {
    t.same(codes(kind), ['R', 'SUD', '42CFRPart2', 'sud-counseling-notes', 'own'])
    t.same(taken(kind, taken(kind, labels)), taken(kind, labels))
  }
  t.same(codes('inherits', [level('N')]), [])
  t.same(codes('inherits', [{ system: 'http://hl7.org/fhir/v3/ActCode', code: 'eth' }, act('ETH')]), ['ETH'])
  for (const kind of ['program', 'records'] as const) t.same(codes(kind), ['42CFRPart2'])
  t.same(codes('belongs'), ['part2-program'])
  for (const kind of ['program', 'records', 'belongs'] as const) t.same(codes(kind, labels.slice(0, -1)), [])
})

t.test('who gives and takes by what', async (t) => {
  t.same(givesAlong('Encounter'), ['inherits'])
  t.same(givesAlong('Organization'), ['program', 'belongs'])
  for (const type of ['Patient', 'Device', 'Questionnaire', 'RelatedPerson']) t.same(givesAlong(type), [])
  t.same(takesFromReferrers('Binary'), ['attachment', 'records'])
  t.same(takesFromReferrers('Observation'), ['records'])
  t.same(takesFromReferrers('Organization'), [])
  const kinds: LabelLinkKind[] = ['inherits', 'program', 'belongs', 'attachment', 'records']
  t.same(kinds.map(takerOf), ['resource', 'resource', 'resource', 'target', 'target'])
})

t.test('what a record follows', async (t) => {
  t.same(
    canonicalSources({
      resourceType: 'QuestionnaireResponse',
      questionnaire: 'http://q|1',
    } as unknown as Resource),
    ['http://q|1'],
  )
  t.same(
    canonicalSources({
      resourceType: 'CarePlan',
      instantiatesCanonical: ['http://a', 'http://b'],
    } as unknown as Resource),
    ['http://a', 'http://b'],
  )
  t.same(canonicalSources({ resourceType: 'Observation' } as Resource), [])
})
