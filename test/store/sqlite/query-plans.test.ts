// The commonest searches, with and without access filters: no statement that they run reads a whole table, and those that have an index in their order sort nothing.
import t from 'tap'
import {
  and,
  chainMatch,
  compartmentMatch,
  dateMatch,
  hasMatch,
  idMatch,
  lastUpdatedMatch,
  localReferenceMatch,
  not,
  or,
  presenceMatch,
  quantityMatch,
  searchQuery,
  SEE_EVERYTHING,
  stringMatch,
  tokenMatch,
  typedCondition,
  type AccessFilter,
  type Expression,
  type Include,
  type IndexEntry,
  type SearchQuery,
  type SortKey,
  type Store,
} from '../../../src/store/index.ts'
import { openConnection } from '../../../src/store/sqlite/connection.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { Statements } from '../../../src/store/sqlite/statements.ts'
import { put, type Content } from '../../contract/world.ts'
import { testFolder } from './folder.ts'

const DAY = 86_400_000
const START = Date.UTC(2025, 0, 1)
const CLINIC = 'http://clinic.test'
const LABELS = [{ system: 'http://labels.test', code: 'R' }]

const token = (param: string, code: string): IndexEntry => ({ kind: 'token', param, system: CLINIC, code })
const string = (param: string, folded: string): IndexEntry => ({
  kind: 'string',
  param,
  folded,
  exact: folded,
})
const date = (param: string, low: number): IndexEntry => ({ kind: 'date', param, low, high: low + DAY })
const reference = (param: string, type: string, id: string): IndexEntry => ({
  kind: 'reference',
  param,
  target: { kind: 'local', type, id },
})

const amount = (value: number): IndexEntry => ({
  kind: 'quantity',
  param: 'value-quantity',
  low: value,
  high: value,
  system: CLINIC,
  code: 'mg',
  unit: 'mg',
})

const PATIENTS = 150
const OBSERVATIONS = 8

/** Skewed as in a clinic: a code that every patient has, others rare; one resource in several compartments. */
function* contents(): Generator<readonly [type: string, id: string, content: Content]> {
  for (let n = 0; n < 12; n++) {
    yield [
      'Practitioner',
      `d${n}`,
      { entries: [string('name', `doctor ${n}`), token('identifier', `d${n}`)] },
    ]
  }
  for (let n = 0; n < PATIENTS; n++) {
    const id = `p${n}`
    const own = {
      patients: [id],
      labels: n % 10 === 0 ? LABELS : [],
      date: START + (n % 90) * DAY,
    }
    const about = [reference('patient', 'Patient', id), reference('subject', 'Patient', id)]
    const person = [
      string('family', `family ${n % 40}`),
      string('given', `given ${n % 7}`),
      string('name', `family ${n % 40}`),
      token('identifier', `mrn-${n}`),
      token('phone', `555-${n}`),
      token('gender', n % 2 === 0 ? 'male' : 'female'),
      date('birthdate', START - n * 100 * DAY),
      reference('general-practitioner', 'Practitioner', `d${n % 12}`),
    ]
    yield ['Patient', id, { ...own, date: undefined, entries: person }]
    yield [
      'Encounter',
      `e${n}`,
      {
        ...own,
        entries: [...about, token('status', 'finished'), token('class', 'AMB'), date('date', own.date)],
      },
    ]
    yield [
      'Condition',
      `c${n}`,
      {
        ...own,
        patients: n === 3 ? [id, 'p4'] : [id],
        entries: [...about, token('code', `F${n % 30}`), token('clinical-status', 'active')],
      },
    ]
    yield [
      'MedicationRequest',
      `m${n}`,
      {
        ...own,
        entries: [...about, token('status', 'active'), token('intent', 'order'), token('code', `rx${n % 9}`)],
      },
    ]
    for (let m = 0; m < OBSERVATIONS; m++) {
      const value = m * 10 + (n % 10)
      yield [
        'Observation',
        `o${n}-${m}`,
        {
          ...own,
          entries: [
            ...about,
            reference('encounter', 'Encounter', `e${n}`),
            token('code', m === 0 ? 'phq-9' : `code ${(n * m) % 25}`),
            token('category', m % 2 === 0 ? 'survey' : 'vital-signs'),
            token('status', 'final'),
            date('date', own.date),
            ...(m % 4 === 1 ? [] : [amount(value)]),
          ],
        },
      ]
    }
  }
}

const is = (param: string, code: string) => tokenMatch(param, CLINIC, code)
const of = (id: string) => localReferenceMatch('patient', ['Patient'], id)
const since = (param: string, day: number) =>
  dateMatch(param, { comparator: 'ge', low: START + day * DAY, high: START + (day + 1) * DAY })
const onDay = (param: string, time: number) =>
  dateMatch(param, { comparator: 'eq', low: time, high: time + DAY })
const by = (entry: 'date' | 'string', param: string, descending: boolean): SortKey => ({
  by: 'entry',
  entry,
  param,
  descending,
})
const include = (direction: Include['direction'], source: string, param: string): Include => ({
  direction,
  iterate: false,
  source,
  param,
  target: undefined,
})

interface Common {
  readonly query: Partial<SearchQuery> & { readonly type?: string; readonly where?: Expression }
  /** Whether an index yields the matches in their order; who sees one patient alone may have that one's sorted. */
  readonly inOrder?: true
}

const of77 = of('p77')
const COMMON: Record<string, Common> = {
  'Patient?family': { query: { type: 'Patient', where: stringMatch('family', 'family 1') } },
  'Patient?name&birthdate&gender': {
    query: {
      type: 'Patient',
      where: and([
        stringMatch('name', 'family 1'),
        onDay('birthdate', START - 1100 * DAY),
        is('gender', 'female'),
      ]),
    },
  },
  'Patient?birthdate': { query: { type: 'Patient', where: onDay('birthdate', START - 1100 * DAY) } },
  'Patient?identifier': { query: { type: 'Patient', where: is('identifier', 'mrn-17') }, inOrder: true },
  'Patient?phone': { query: { type: 'Patient', where: is('phone', '555-17') }, inOrder: true },
  'Patient?_id': { query: { type: 'Patient', where: idMatch('p17') }, inOrder: true },
  'Patient?general-practitioner': {
    query: { type: 'Patient', where: localReferenceMatch('general-practitioner', ['Practitioner'], 'd3') },
    inOrder: true,
  },
  'Patient?_has:Condition:patient:code': {
    query: { type: 'Patient', where: hasMatch(typedCondition('Condition', is('code', 'F7')), 'patient') },
  },
  'Patient?general-practitioner.name': {
    query: {
      type: 'Patient',
      where: chainMatch('general-practitioner', [
        typedCondition('Practitioner', stringMatch('name', 'doctor 3')),
      ]),
    },
  },
  'Patient?_sort=family': { query: { type: 'Patient', sort: [by('string', 'family', false)] } },
  'Patient?identifier&_revinclude=Observation:patient': {
    query: {
      type: 'Patient',
      where: is('identifier', 'mrn-17'),
      includes: [include('reverse', 'Observation', 'patient')],
    },
    inOrder: true,
  },
  'Practitioner?name': { query: { type: 'Practitioner', where: stringMatch('name', 'doctor') } },
  'Observation?patient': { query: { type: 'Observation', where: of77 }, inOrder: true },
  'Observation?patient&code': {
    query: { type: 'Observation', where: and([of77, is('code', 'phq-9')]) },
    inOrder: true,
  },
  'Observation?patient&category': {
    query: { type: 'Observation', where: and([of77, is('category', 'survey')]) },
    inOrder: true,
  },
  'Observation?patient&category&date=ge': {
    query: { type: 'Observation', where: and([of77, is('category', 'survey'), since('date', 30)]) },
    inOrder: true,
  },
  'Observation?patient&code:not': {
    query: { type: 'Observation', where: and([of77, not(is('code', 'phq-9'))]) },
    inOrder: true,
  },
  'Observation?patient&_sort=-date': {
    query: { type: 'Observation', where: of77, sort: [by('date', 'date', true)] },
  },
  'Observation?patient&value-quantity:missing': {
    query: { type: 'Observation', where: and([of77, not(presenceMatch('value-quantity', 'quantity'))]) },
    inOrder: true,
  },
  'Observation?code': { query: { type: 'Observation', where: is('code', 'phq-9') }, inOrder: true },
  'Observation?code, counted': {
    query: { type: 'Observation', where: is('code', 'phq-9'), total: 'accurate' },
    inOrder: true,
  },
  'Observation?code=a,b': {
    query: { type: 'Observation', where: or([is('code', 'phq-9'), is('code', 'code 3')]) },
    inOrder: true,
  },
  'Observation?code&date': {
    query: { type: 'Observation', where: and([is('code', 'phq-9'), onDay('date', START + 3 * DAY)]) },
  },
  // Fewer have the date than the code: walked is what has both.
  'Observation?code&date, the clinical one': {
    query: {
      type: 'Observation',
      where: and([
        is('code', 'phq-9'),
        dateMatch('date', { comparator: 'eq', low: START + 3 * DAY, high: START + 4 * DAY }, true),
      ]),
    },
    inOrder: true,
  },
  'Observation?code&value-quantity=gt': {
    query: {
      type: 'Observation',
      where: and([
        is('code', 'phq-9'),
        quantityMatch('value-quantity', { comparator: 'gt', low: 5, high: 5 }, undefined, 'mg'),
      ]),
    },
  },
  'Observation?category&status': {
    query: { type: 'Observation', where: and([is('category', 'survey'), is('status', 'final')]) },
    inOrder: true,
  },
  'Observation?patient.identifier': {
    query: {
      type: 'Observation',
      where: chainMatch('patient', [typedCondition('Patient', is('identifier', 'mrn-17'))]),
    },
  },
  'Observation?patient.family&code': {
    query: {
      type: 'Observation',
      where: and([
        chainMatch('patient', [typedCondition('Patient', stringMatch('family', 'family 1'))]),
        is('code', 'phq-9'),
      ]),
    },
  },
  'Observation?patient&_include=Observation:encounter': {
    query: { type: 'Observation', where: of77, includes: [include('forward', 'Observation', 'encounter')] },
    inOrder: true,
  },
  'Observation?_sort=-_lastUpdated': {
    query: { type: 'Observation', sort: [{ by: 'lastUpdated', descending: true }] },
  },
  'Observation?_lastUpdated=ge': {
    query: {
      type: 'Observation',
      where: lastUpdatedMatch({ comparator: 'ge', low: START, high: START + 1 }),
    },
    inOrder: true,
  },
  'Patient/p77/Observation': {
    query: { type: 'Observation', where: compartmentMatch(['p77']) },
  },
  'Patient/p77/$everything': {
    query: {
      from: ['Patient', 'Encounter', 'Condition', 'MedicationRequest', 'Observation', 'Claim'].map((type) =>
        typedCondition(type, compartmentMatch(['p77'])),
      ),
    },
  },
  'Encounter?patient': { query: { type: 'Encounter', where: of77 }, inOrder: true },
  'Encounter?patient&date=ge': {
    query: { type: 'Encounter', where: and([of77, since('date', 10)]) },
    inOrder: true,
  },
  'Encounter?patient&status&class': {
    query: { type: 'Encounter', where: and([of77, is('status', 'finished'), is('class', 'AMB')]) },
    inOrder: true,
  },
  'Encounter?date': { query: { type: 'Encounter', where: onDay('date', START + 3 * DAY) } },
  'Condition?patient&clinical-status': {
    query: { type: 'Condition', where: and([of77, is('clinical-status', 'active')]) },
    inOrder: true,
  },
  'Condition?code': { query: { type: 'Condition', where: is('code', 'F7') }, inOrder: true },
  'MedicationRequest?patient&status&intent': {
    query: { type: 'MedicationRequest', where: and([of77, is('status', 'active'), is('intent', 'order')]) },
    inOrder: true,
  },
}

const FILTERS: Record<string, AccessFilter> = {
  'no filter': SEE_EVERYTHING,
  'one patient': { anyOf: [{ types: '*', patients: ['p77'], withoutLabels: [] }] },
  'a patient with records shared with another': {
    anyOf: [{ types: '*', patients: ['p4'], withoutLabels: [] }],
  },
  'a label hidden': { anyOf: [{ types: '*', patients: '*', withoutLabels: LABELS }] },
}

/** The texts of the statements that `run` makes on this thread. */
async function recorded(run: () => Promise<void>): Promise<readonly string[]> {
  const texts = new Set<string>()
  const { prepared } = Statements.prototype
  Statements.prototype.prepared = function record(this: Statements, text) {
    texts.add(text)
    return prepared.call(this, text)
  }
  try {
    await run()
  } finally {
    Statements.prototype.prepared = prepared
  }
  return [...texts]
}

interface Plan {
  readonly text: string
  readonly steps: readonly string[]
}

/** What SQLite would do, as it says itself (https://sqlite.org/eqp.html). */
function planner(file: string): { plan(text: string): Plan; close(): void } {
  const db = openConnection({ file, key: undefined, readonly: true })
  // The functions that statements call are registered with it.
  const statements = new Statements(db)
  return {
    plan: (text) => {
      const params = Array.from({ length: text.split('?').length - 1 }, () => null)
      const rows = statements.rows<[number, number, number, string]>({
        text: `EXPLAIN QUERY PLAN ${text}`,
        params,
      })
      return { text, steps: rows.map(([, , , detail]) => detail) }
    },
    close: () => db.close(),
  }
}

/** Reads of a whole table or index: not of a list that came with the query, nor of rows that another step collects. */
function wholeScans({ steps }: Plan): readonly string[] {
  const collected = new Set(
    steps.flatMap((step) => /^(?:CO-ROUTINE|MATERIALIZE) (\w+)/.exec(step)?.[1] ?? []),
  )
  return steps.filter((step) => {
    const scanned = /^SCAN (\w+)/.exec(step)?.[1]
    if (scanned === undefined || step.includes('VIRTUAL TABLE') || step === 'SCAN CONSTANT ROW') return false
    return !collected.has(scanned)
  })
}

/** What is in a compartment; and the references of a page, of which each is told once. */
const MAY_SORT = / (INDEXED BY res_pat|res_patient d) |^SELECT DISTINCT x\.tp, x\.tgt FROM json_each/

/** Those of ties, and of a page's own bodies, aside. */
const sorts = ({ text, steps }: Plan) =>
  text.includes('j CROSS JOIN body b') ? [] : steps.filter((step) => /TEMP B-TREE FOR (?!LAST)/.test(step))

async function fill(store: Store): Promise<void> {
  const writes = [...contents()].map(([type, id, content]) => put(type, id, content))
  for (let at = 0; at < writes.length; at += 500)
    await store.commit({ access: SEE_EVERYTHING, assertions: [], writes: writes.slice(at, at + 500) })
}

/** A store, and how SQLite would go about a statement in it. */
async function opened(t: Parameters<typeof testFolder>[0]) {
  const file = testFolder(t)('plans.db')
  const store = await openSqliteStore({ file })
  t.teardown(() => store.close())
  const { plan, close } = planner(file)
  t.teardown(close)
  return { store, plan }
}

t.setTimeout(120_000)

t.test('the commonest searches', async (t) => {
  const { store, plan } = await opened(t)
  await fill(store)

  t.ok(Object.keys(COMMON).length >= 30)
  for (const [what, { query, inOrder }] of Object.entries(COMMON)) {
    let everFound = 0
    for (const [who, access] of Object.entries(FILTERS)) {
      const texts = await recorded(async () => {
        const first = await store.search(searchQuery({ count: 3, ...query }), access)
        everFound += first.matches.length
        if (first.next !== undefined)
          await store.search(searchQuery({ count: 3, ...query, cursor: first.next }), access)
      })
      t.ok(texts.length > 0)
      const plans = texts.map(plan)
      t.strictSame(
        plans.filter((one) => wholeScans(one).length > 0),
        [],
        `${what}, ${who}: no table is scanned`,
      )
      if (inOrder)
        t.strictSame(
          plans.filter((one) => sorts(one).length > 0 && !MAY_SORT.test(one.text)),
          [],
          `${what}, ${who}: nothing is sorted`,
        )
    }
    t.ok(everFound > 0, `${what} finds something`)
  }
})

t.test('a row is tested by joins: no index is opened anew for each', async (t) => {
  const { store, plan } = await opened(t)
  await fill(store)
  const correlated = async (where: Expression) => {
    const texts = await recorded(
      async () => void (await store.search(searchQuery({ type: 'Observation', where }), SEE_EVERYTHING)),
    )
    return texts.map(plan).filter(({ steps }) => steps.some((step) => step.startsWith('CORRELATED')))
  }
  t.strictSame(await correlated(and([of77, is('code', 'phq-9'), is('category', 'survey')])), [])
  t.strictSame(await correlated(and([of77, since('date', 30)])), [])
  t.not((await correlated(and([of77, not(is('code', 'phq-9'))]))).length, 0, 'where it must, it is seen')
})

t.test('a scan would be seen', async (t) => {
  const { plan } = await opened(t)
  t.equal(wholeScans(plan('SELECT id FROM res')).length, 1)
  t.equal(wholeScans(plan('SELECT val FROM tok WHERE dt = ?')).length, 1)
  t.equal(wholeScans(plan('SELECT d.rid FROM (SELECT rid FROM str UNION SELECT rid FROM dat) d')).length, 2)
  t.equal(wholeScans(plan('SELECT value FROM json_each(?)')).length, 0)
  t.equal(sorts(plan('SELECT id FROM res WHERE rid > ? ORDER BY lab')).length, 1)
})
