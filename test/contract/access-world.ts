// A world to try access filters on: resources with and without compartments and labels, and who sees which.
import {
  SEE_EVERYTHING,
  SEE_NOTHING,
  tokenMatch,
  type AccessFilter,
  type AccessRule,
  type IndexEntry,
  type ResourceKey,
  type SecurityLabel,
} from '../../src/store/index.ts'
import type { Content } from './world.ts'

export const R: SecurityLabel = { system: 'urn:label', code: 'R' }
export const S: SecurityLabel = { system: 'urn:label', code: 'S' }

const refers = (type: string, id: string): IndexEntry => ({
  kind: 'reference',
  param: 'subject',
  target: { kind: 'local', type, id },
})
export const ALL: IndexEntry = { kind: 'token', param: 'code', system: 'urn:s', code: 'all' }
export const IS_ALL = tokenMatch('code', 'urn:s', 'all')

/** In the compartments of one, several and no patient, with and without labels. */
export const WORLD: Readonly<Record<string, Content>> = {
  'Patient/p': { patients: ['p'] },
  'Patient/q': { patients: ['q'], labels: [S] },
  'Observation/op': { patients: ['p'], entries: [refers('Patient', 'p'), refers('Organization', 'org')] },
  'Observation/oq': { patients: ['q'], entries: [refers('Patient', 'q')] },
  'Observation/opq': { patients: ['q', 'p'], entries: [refers('Patient', 'p'), refers('Patient', 'q')] },
  'Observation/none': { entries: [refers('Organization', 'org'), refers('Organization', 'closed')] },
  'Observation/opR': {
    patients: ['p'],
    labels: [R],
    entries: [refers('Patient', 'p'), refers('Observation', 'op')],
  },
  'Observation/opqRS': {
    patients: ['p', 'q'],
    labels: [R, S],
    entries: [refers('Observation', 'opR'), refers('Observation', 'oq')],
  },
  'Observation/noneS': { labels: [S], entries: [refers('Patient', 'q')] },
  'Organization/org': {},
  'Organization/closed': { labels: [R] },
}

const rule = (of: Partial<AccessRule>): AccessRule => ({
  types: '*',
  patients: '*',
  withoutLabels: [],
  ...of,
})
export const only = (...rules: Partial<AccessRule>[]): AccessFilter => ({ anyOf: rules.map(rule) })
const crowd = Array.from({ length: 300 }, (_, at) => `x${at}`)

const EVERY_KEY = Object.keys(WORLD).join(' ')
const OF_P = 'Patient/p Observation/op Observation/opq Observation/opR Observation/opqRS'

/** Who sees what, in words. */
export const FILTERS: Readonly<Record<string, readonly [AccessFilter, string]>> = {
  'see everything': [SEE_EVERYTHING, EVERY_KEY],
  'see nothing': [SEE_NOTHING, ''],
  'one type': [only({ types: ['Organization'] }), 'Organization/org Organization/closed'],
  'two types': [
    only({ types: ['Patient', 'Organization'] }),
    'Patient/p Patient/q Organization/org Organization/closed',
  ],
  'no type': [only({ types: [] }), ''],
  'a type that is not there': [only({ types: ['Device'] }), ''],
  'one patient': [only({ patients: ['p'] }), OF_P],
  'the other patient': [
    only({ patients: ['q'] }),
    'Patient/q Observation/oq Observation/opq Observation/opqRS',
  ],
  'both patients': [only({ patients: ['p', 'q'] }), `${OF_P} Patient/q Observation/oq`],
  'one among hundreds': [
    only({ patients: [...crowd, 'q', ...crowd] }),
    'Patient/q Observation/oq Observation/opq Observation/opqRS',
  ],
  'no patient': [only({ patients: [] }), ''],
  'a patient that is not there': [only({ patients: ['z'] }), ''],
  'without R': [
    only({ withoutLabels: [R] }),
    'Patient/p Patient/q Observation/op Observation/oq Observation/opq Observation/none Observation/noneS Organization/org',
  ],
  'without R and S': [
    only({ withoutLabels: [R, S] }),
    'Patient/p Observation/op Observation/oq Observation/opq Observation/none Organization/org',
  ],
  'without a label that nothing has': [
    only({
      withoutLabels: [
        { system: 'urn:other', code: 'R' },
        { system: 'urn:label', code: 'r' },
      ],
    }),
    EVERY_KEY,
  ],
  'type, patient and label': [
    only({ types: ['Observation'], patients: ['p'], withoutLabels: [R] }),
    'Observation/op Observation/opq',
  ],
  'two rules': [
    only({ types: ['Organization'] }, { types: ['Observation'], patients: ['p'], withoutLabels: [R] }),
    'Organization/org Organization/closed Observation/op Observation/opq',
  ],
  'two rules whose parts must not mix': [
    only(
      { types: ['Patient'], patients: ['p'] },
      { types: ['Observation'], patients: ['q'], withoutLabels: [S] },
    ),
    'Patient/p Observation/oq Observation/opq',
  ],
  'rules that overlap': [
    only(
      { patients: ['p'], withoutLabels: [R] },
      { patients: ['p'], withoutLabels: [S] },
      { types: ['Observation'], withoutLabels: [S] },
    ),
    'Patient/p Observation/op Observation/opq Observation/opR Observation/oq Observation/none',
  ],
}

export const keyOf = (text: string): ResourceKey => {
  const [type, id] = text.split('/') as [string, string]
  return { type, id }
}
export const named = ({ type, id }: ResourceKey) => `${type}/${id}`
