// Chains, `_has` and contained resources over enough of them that each way to search is taken: what links lead to first, or row by row.
import t from 'tap'
import {
  and,
  chainMatch,
  containsMatch,
  dateMatch,
  hasMatch,
  not,
  or,
  SEE_EVERYTHING,
  stringMatch,
  tokenMatch,
  tokenSetMatch,
  typedCondition,
  type AccessFilter,
  type Expression,
  type IndexEntry,
  type Store,
} from '../../../src/store/index.ts'
import { put, remove, search } from '../../contract/world.ts'
import { openBesideNaive } from './beside-naive.ts'

/** More than a search follows beforehand. */
const PATIENTS = 1300
const OBSERVATIONS = 1500
const START = Date.UTC(2026, 0, 1)
const R = { system: 'l', code: 'R' }

const token = (param: string, code: string): IndexEntry => ({ kind: 'token', param, system: 's', code })
const string = (param: string, folded: string): IndexEntry => ({
  kind: 'string',
  param,
  folded,
  exact: folded,
})
const local = (param: string, type: string, id: string): IndexEntry => ({
  kind: 'reference',
  param,
  target: { kind: 'local', type, id },
})

function patients() {
  return Array.from({ length: PATIENTS }, (_, n) =>
    put('Patient', `p${n}`, {
      entries: [
        string('name', `name ${n % 100}`),
        token('gender', n % 2 === 0 ? 'male' : 'female'),
        local('organization', 'Organization', `g${n % 5}`),
      ],
      patients: [`p${n}`],
      labels: n % 7 === 0 ? [R] : [],
    }),
  )
}

function observations() {
  return Array.from({ length: OBSERVATIONS }, (_, n) =>
    put('Observation', `o${n}`, {
      entries: [
        token('code', n % 50 === 0 ? 'rare' : 'common'),
        token('status', 'final'),
        { kind: 'date', param: 'date', low: START + n, high: START + n + 1 },
        n % 9 === 0
          ? { kind: 'reference', param: 'subject', target: { kind: 'contained', id: 'x' } }
          : local('subject', 'Patient', `p${n % PATIENTS}`),
        ...(n % 3 === 0 ? [local('derived-from', 'Observation', `o${(n * 7) % OBSERVATIONS}`)] : []),
        {
          kind: 'reference',
          param: 'instantiates',
          target: { kind: 'url', url: `http://q.test/${n % 4}`, version: n % 8 < 4 ? '1' : undefined },
        },
      ],
      contained:
        n % 9 === 0
          ? [
              {
                type: 'Patient',
                id: 'x',
                entries: [string('name', `name ${n % 4}`), local('organization', 'Organization', 'g1')],
              },
            ]
          : [],
      date: START + n,
      patients: [`p${n % PATIENTS}`],
      labels: n % 11 === 0 ? [R] : [],
    }),
  )
}

/** Half of what refers comes before what it refers to. */
async function fill(store: Store): Promise<void> {
  const all = observations()
  const writes = [
    ...all.slice(0, OBSERVATIONS / 2),
    ...patients(),
    ...all.slice(OBSERVATIONS / 2),
    ...Array.from({ length: 5 }, (_, n) =>
      put('Organization', `g${n}`, { entries: [string('name', `group ${n}`)] }),
    ),
    ...Array.from({ length: 3 }, (_, n) =>
      put('Questionnaire', `q${n}`, {
        entries: [
          { kind: 'uri', param: 'url', value: `http://q.test/${n}` },
          { kind: 'token', param: 'version', system: '', code: n === 1 ? '2' : '1' },
          string('title', `title ${n}`),
        ],
      }),
    ),
    ...Array.from({ length: 60 }, (_, n) => remove('Patient', `p${n * 3}`)),
    ...Array.from({ length: 60 }, (_, n) => remove('Observation', `o${n * 5}`)),
  ]
  for (let at = 0; at < writes.length; at += 500)
    await store.commit({ access: SEE_EVERYTHING, assertions: [], writes: writes.slice(at, at + 500) })
}

const of = (where: Expression) => chainMatch('subject', [typedCondition('Patient', where)])
const has = (where: Expression, param = 'subject') => hasMatch(typedCondition('Observation', where), param)
const named = (name: string) => stringMatch('name', name)
const is = (param: string, code: string) => tokenMatch(param, 's', code)
const inGroup = (name: string) =>
  chainMatch('organization', [typedCondition('Organization', stringMatch('name', name))])

const SEARCHES: Record<string, readonly [type: string, where: Expression]> = {
  'subjects of one name': ['Observation', of(named('name 3'))],
  'subjects of most names': ['Observation', of(named('name'))],
  'subjects of a gender': ['Observation', of(is('gender', 'male'))],
  'subjects without a gender': ['Observation', of(not(or([is('gender', 'male'), is('gender', 'female')])))],
  'no subject of a name': ['Observation', not(of(named('name 3')))],
  'no subject of a gender': ['Observation', not(of(is('gender', 'male')))],
  'subjects of one name, of a rare code': ['Observation', and([of(named('name 5')), is('code', 'rare')])],
  'subjects of most names, of a rare code': ['Observation', and([of(named('name')), is('code', 'rare')])],
  'subjects of one name, or a rare code': ['Observation', or([of(named('name 1')), is('code', 'rare')])],
  'subjects of a gender, on a day': [
    'Observation',
    and([
      of(is('gender', 'female')),
      dateMatch('date', { comparator: 'eq', low: START + 100, high: START + 400 }),
    ]),
  ],
  'subjects in a group': ['Observation', of(inGroup('group 1'))],
  'subjects in any group': ['Observation', of(inGroup('group'))],
  'of what has a subject in a group': [
    'Observation',
    chainMatch('derived-from', [typedCondition('Observation', of(inGroup('group 2')))]),
  ],
  'of what is common': [
    'Observation',
    chainMatch('derived-from', [typedCondition('Observation', is('code', 'common'))]),
  ],
  'subjects that have something rare': ['Observation', of(has(is('code', 'rare')))],
  'of a questionnaire, whatever its version': [
    'Observation',
    chainMatch('instantiates', [typedCondition('Questionnaire', stringMatch('title', 'title 1'))]),
  ],
  'of questionnaires': [
    'Observation',
    chainMatch('instantiates', [typedCondition('Questionnaire', stringMatch('title', 'title'))]),
  ],
  'questionnaires of something rare': ['Questionnaire', has(is('code', 'rare'), 'instantiates')],
  'questionnaires of anything': ['Questionnaire', has(and([]), 'instantiates')],
  'containing a name': ['Observation', containsMatch('Patient', named('name 2'))],
  'containing a patient in a group': ['Observation', containsMatch('Patient', inGroup('group'))],
  'containing none': ['Observation', and([not(containsMatch('Patient', and([]))), is('code', 'rare')])],
  'patients that have something rare': ['Patient', has(is('code', 'rare'))],
  'patients that have something common': ['Patient', has(is('code', 'common'))],
  'patients that have nothing common': ['Patient', not(has(is('code', 'common')))],
  'patients that have nothing rare, of a name': [
    'Patient',
    and([not(has(is('code', 'rare'))), named('name 1')]),
  ],
  'patients that have something of which something is': [
    'Patient',
    has(has(is('code', 'common'), 'derived-from')),
  ],
  'patients that have something of a set of many': [
    'Patient',
    has(
      tokenSetMatch('code', [
        { system: 's', codes: ['rare', ...Array.from({ length: 3000 }, (_, n) => `code ${n}`)] },
      ]),
    ),
  ],
  'patients of all codes of a system': [
    'Patient',
    has(tokenSetMatch('code', [{ system: 's', codes: 'all' }])),
  ],
  'groups of patients that have something rare': [
    'Organization',
    hasMatch(typedCondition('Patient', has(is('code', 'rare'))), 'organization'),
  ],
}

const FILTERS: Record<string, AccessFilter> = {
  everything: SEE_EVERYTHING,
  'all but a label': { anyOf: [{ types: '*', patients: '*', withoutLabels: [R] }] },
  'three patients and the groups': {
    anyOf: [
      { types: '*', patients: ['p1', 'p13', 'p103'], withoutLabels: [] },
      { types: ['Organization', 'Questionnaire'], patients: '*', withoutLabels: [] },
    ],
  },
  'no patients': { anyOf: [{ types: ['Observation'], patients: '*', withoutLabels: [] }] },
}

t.setTimeout(300_000)

t.test('every way through a link', async (t) => {
  const { naive, store } = await openBesideNaive(t, START, fill)
  t.strictSame(await store.maintenance.verify(), [])
  for (const [what, [type, where]] of Object.entries(SEARCHES)) {
    let everFound = 0
    for (const [who, access] of Object.entries(FILTERS)) {
      const expected = (await naive.matches(type, where, Infinity, access)).toSorted()
      everFound += expected.length
      const ids = await store.matches(type, where, 10_000, access)
      t.strictSame(ids.toSorted(), expected, `${what}, ${who}: ids`)
      const page = await search(store, { type, where, count: 5, total: 'accurate' }, access)
      t.equal(page.total, expected.length, `${what}, ${who}: total`)
      t.equal(page.matches.length, Math.min(5, expected.length), `${what}, ${who}: a page`)
      t.strictSame(
        page.matches.map(({ id }) => id).filter((id) => !expected.includes(id)),
        [],
        `${what}, ${who}: of them alone`,
      )
    }
    if (what !== 'subjects without a gender') t.ok(everFound > 0, `${what}: some are found`)
  }
})
