// Contract: the access filter is and-ed into everything that a store answers.
import { naiveVisible } from './naive-access.ts'
import {
  localReferenceMatch,
  SEE_EVERYTHING,
  type AccessFilter,
  type SecurityLabel,
  type Store,
} from '../../src/store/index.ts'
import { ALL, FILTERS, IS_ALL, keyOf, named, only, R, WORLD } from './access-world.ts'
import {
  ABSENT,
  commit,
  history,
  historyPages,
  ids,
  indexOf,
  pages,
  put,
  remove,
  search,
  steps,
  storeTest,
  version,
  write,
} from './world.ts'
import type { Content, OpenStore, Subtest, Tester } from './world.ts'

async function build(store: Store): Promise<void> {
  for (const [name, content] of Object.entries(WORLD)) {
    const { type, id } = keyOf(name)
    await write(store, put(type, id, contentOf(content)))
  }
}

const contentOf = (content: Content): Content => ({
  ...content,
  entries: [ALL, ...(content.entries ?? [])],
  date: 5,
})

export function accessContract(t: Tester, open: OpenStore): void {
  for (const [name, [filter, sees]] of Object.entries(FILTERS))
    answers(t, open, name, filter, sees.split(' ').filter(Boolean))
  overTime(t, open)
}

interface Case {
  readonly t: Subtest
  readonly store: Store
  readonly filter: AccessFilter
  /** `Type/id` of what the filter shows, and of what it hides. */
  readonly visible: readonly string[]
  readonly hidden: readonly string[]
  /** Those visible of one type, by name. */
  readonly ofType: (type: string) => string[]
}

function answers(
  t: Tester,
  open: OpenStore,
  name: string,
  filter: AccessFilter,
  visible: readonly string[],
): void {
  const hidden = Object.keys(WORLD).filter((key) => !visible.includes(key))
  const ofType = (type: string) => visible.filter((key) => key.startsWith(`${type}/`)).toSorted()
  storeTest(t, open, name, async (t, store) => {
    await build(store)
    const one = { t, store, filter, visible, hidden, ofType }
    await readsAndHistories(one)
    await searches(one)
    await writes(one)
  })
}

async function readsAndHistories({ t, store, filter, visible, ofType }: Case): Promise<void> {
  for (const text of Object.keys(WORLD)) {
    const key = keyOf(text)
    const whole = await store.read(key, SEE_EVERYTHING)
    const expected = visible.includes(text) ? whole : undefined
    t.strictSame(
      naiveVisible({ type: key.type, index: indexOf(WORLD[text]!) }, filter),
      expected !== undefined,
      'the oracle agrees',
    )
    t.strictSame(await store.read(key, filter), expected, `read ${text}`)
    t.strictSame(await store.readVersion(key, 1, filter), expected, `readVersion ${text}`)
    const { versions, total } = await history(store, { scope: { kind: 'instance', ...key } }, filter)
    t.strictSame([versions, total], expected ? [[whole], 1] : [[], 0], `history of ${text}`)
  }
  const system = await history(store, { scope: { kind: 'system' } }, filter)
  const order = Object.keys(WORLD)
    .filter((key) => visible.includes(key))
    .toReversed()
  t.strictSame(system.versions.map(named), order)
  for (const type of ['Patient', 'Observation', 'Organization']) {
    const own = await history(store, { scope: { kind: 'type', type } }, filter)
    t.strictSame(own.versions.map(named).toSorted(), ofType(type))
    if (own.total !== undefined) t.equal(own.total, ofType(type).length)
  }
  if (system.total !== undefined) t.equal(system.total, visible.length)
  for (const count of [1, 2, 3]) {
    const walked = await historyPages(store, { scope: { kind: 'system' }, count }, filter)
    t.strictSame(walked.flat().map(named), order)
    t.equal(walked.length, Math.max(1, Math.ceil(visible.length / count)), 'pages are cut after the filter')
  }
}

/** Searches, totals, pages and includes. */
async function searches({ t, store, filter, visible, ofType }: Case): Promise<void> {
  for (const type of ['Patient', 'Observation', 'Organization'])
    for (const where of [undefined, IS_ALL])
      for (const sort of [[], [{ by: 'lastUpdated', descending: true }]] as const) {
        const query = { type, sort, ...(where ? { where } : {}), total: 'accurate' } as const
        const page = await search(store, query, filter)
        t.strictSame(page.matches.map(named).toSorted(), ofType(type))
        t.equal(page.total, ofType(type).length)
        t.equal((await search(store, { ...query, count: 0 }, filter)).total, ofType(type).length)
        for (const count of [1, 2, 3]) {
          const walked = await pages(store, { ...query, count }, filter)
          t.strictSame(walked.flat().map(named), page.matches.map(named))
          t.equal(
            walked.length,
            Math.max(1, Math.ceil(ofType(type).length / count)),
            'pages are cut after the filter',
          )
        }
        const plain = where ?? { kind: 'and', all: [] }
        const found = await store.matches(type, plain, 99, filter)
        t.strictSame(found.map((id) => `${type}/${id}`).toSorted(), ofType(type))
        for (const limit of [1, 2])
          t.equal(
            (await store.matches(type, plain, limit, filter)).length,
            Math.min(limit, ofType(type).length),
          )
      }
  for (const id of ['p', 'q']) {
    const where = localReferenceMatch('subject', ['Patient'], id)
    const expected = ofType('Observation').filter((key) =>
      WORLD[key]!.entries!.some(
        ({ kind, ...rest }) =>
          kind === 'reference' && JSON.stringify(rest).includes(`"Patient","id":"${id}"`),
      ),
    )
    t.strictSame(
      (await store.matches('Observation', where, 99, filter)).map((one) => `Observation/${one}`).toSorted(),
      expected,
    )
  }
  for (const target of [undefined, 'Patient', 'Organization', 'Observation'])
    for (const text of ofType('Observation')) {
      const asked = {
        type: 'Observation',
        where: { kind: 'id', id: keyOf(text).id },
        includes: [{ direction: 'forward', iterate: false, source: 'Observation', param: 'subject', target }],
      } as const
      const page = await search(store, asked, filter)
      t.strictSame(page.matches.map(named), [text])
      const expected = WORLD[text]!.entries!.flatMap((entry) =>
        entry.kind === 'reference' && entry.target.kind === 'local' ? [entry.target] : [],
      )
        .filter((to) => target === undefined || to.type === target)
        .map(named)
        .filter((to) => visible.includes(to))
      t.strictSame(
        page.included.map(named).toSorted(),
        expected.toSorted(),
        `${text} includes ${target ?? 'all'}`,
      )
    }
}

/** Writes, conditions and references. */
async function writes({ t, store, filter, visible, hidden, ofType }: Case): Promise<void> {
  const before = (await history(store, { scope: { kind: 'system' } })).versions
  const turn = (...args: Parameters<typeof commit>) =>
    store.commit(commit(args[0], { access: filter, ...args[1] }))
  for (const text of Object.keys(WORLD)) {
    const { type, id } = keyOf(text)
    const sees = visible.includes(text)
    const same = await turn([put(type, id, contentOf(WORLD[text]!))])
    t.match(
      same,
      sees ? { kind: 'committed', results: [{ outcome: 'unchanged' }] } : { kind: 'hidden', write: 0 },
      `put ${text}`,
    )
    for (const expect of [ABSENT, version(2)])
      for (const one of [put(type, id, { text: '"x":1' }, { expect }), remove(type, id, expect)])
        t.strictSame(
          await turn([one]),
          sees ? { kind: 'unexpected-version', write: 0, current: 1 } : { kind: 'hidden', write: 0 },
          `${one.kind} ${text}`,
        )
    if (!sees)
      t.strictSame(
        await turn([put('Patient', 'n'), remove(type, id)]),
        { kind: 'hidden', write: 1 },
        `delete ${text}`,
      )
  }
  const needs = await turn([put('Group', 'g', {}, { mustExist: Object.keys(WORLD).map(keyOf) })])
  if (hidden.length === 0) t.equal(needs.kind, 'committed')
  else t.strictSame(needs, { kind: 'missing-references', write: 0, missing: hidden.map(keyOf) })
  if (hidden.length === 0) await write(store, remove('Group', 'g'))
  for (const type of ['Patient', 'Observation', 'Organization']) {
    const own = ofType(type).map((text) => keyOf(text).id)
    const asserting = (asserted: readonly string[]) =>
      turn([], { assertions: [{ type, where: IS_ALL, ids: asserted }] })
    t.equal((await asserting(own)).kind, 'committed', `${type}: what is seen matches, no more`)
    const unseen = hidden.filter((text) => text.startsWith(`${type}/`)).map((text) => keyOf(text).id)
    if (unseen.length > 0) t.equal((await asserting([...own, ...unseen])).kind, 'matches-changed')
    if (own.length > 0) t.equal((await asserting(own.slice(1))).kind, 'matches-changed')
  }
  const after = (await history(store, { scope: { kind: 'system' } })).versions.filter(
    ({ type }) => type !== 'Group',
  )
  t.strictSame(after, before, 'nothing was written')
}

function overTime(t: Tester, open: OpenStore): void {
  const KEY = { type: 'Observation', id: 'o' }
  const ofP = only({ patients: ['p'], withoutLabels: [R] })
  const seen = async (store: Store, access: AccessFilter) => ({
    read: (await store.read(KEY, access))?.versionId,
    history: steps((await history(store, { scope: { kind: 'instance', ...KEY } }, access)).versions).join(
      ' ',
    ),
    found: ids((await search(store, { type: 'Observation', where: IS_ALL }, access)).matches).join(),
  })

  storeTest(
    t,
    open,
    'a version is seen by the labels and compartments it had and those of now',
    async (t, store) => {
      const contents: Content[] = [
        { patients: ['p'] },
        { patients: ['p'], labels: [R] },
        { patients: ['q'] },
        { patients: ['q', 'p'] },
        {},
      ]
      const expected = [
        { read: 1, history: 'o@1', found: 'o' },
        { read: undefined, history: '', found: '' },
        { read: undefined, history: '', found: '' },
        { read: 4, history: 'o@4 o@1', found: 'o' },
        { read: undefined, history: '', found: '' },
      ]
      for (const [at, content] of contents.entries()) {
        await write(store, put('Observation', 'o', { ...content, entries: [ALL] }))
        t.strictSame(await seen(store, ofP), expected[at], `after version ${at + 1}`)
        for (const scope of [{ kind: 'instance', ...KEY } as const, { kind: 'system' } as const])
          t.equal(
            (await history(store, { scope, count: 0 }, ofP)).total,
            expected[at]!.history.split(' ').filter(Boolean).length,
            `how many after version ${at + 1}`,
          )
        for (let versionId = 1; versionId <= at + 1; versionId++)
          for (let time = 0; time < 2; time++)
            t.equal(
              (await store.readVersion(KEY, versionId, ofP))?.versionId,
              expected[at]!.history.includes(`o@${versionId}`) ? versionId : undefined,
              `version ${versionId} after version ${at + 1}`,
            )
      }
      t.match(await store.commit(commit([put('Observation', 'o')], { access: ofP })), {
        kind: 'hidden',
        write: 0,
      })
    },
  )

  storeTest(t, open, 'a deletion is seen by who saw what it deleted', async (t, store) => {
    for (const [id, content] of Object.entries<Content>({
      mine: { patients: ['p'] },
      labelled: { patients: ['p'], labels: [R] },
      theirs: { patients: ['q'] },
    })) {
      await write(store, put('Observation', id, content))
      await write(store, remove('Observation', id))
    }
    t.strictSame(steps((await history(store, { scope: { kind: 'system' } }, ofP)).versions), [
      'mine@2-',
      'mine@1',
    ])
    for (const id of ['mine', 'labelled', 'theirs']) {
      const key = { type: 'Observation', id }
      const sees = id === 'mine'
      t.equal((await store.read(key, ofP))?.change, sees ? 'delete' : undefined)
      t.equal((await store.readVersion(key, 2, ofP))?.change, sees ? 'delete' : undefined)
      t.match(
        await store.commit(commit([remove('Observation', id)], { access: ofP })),
        sees ? { kind: 'committed', results: [{ outcome: 'absent' }] } : { kind: 'hidden', write: 0 },
      )
      t.match(
        await store.commit(commit([put('Observation', id, { patients: ['p'] })], { access: ofP })),
        sees
          ? { kind: 'committed', results: [{ outcome: 'created', versionId: 3 }] }
          : { kind: 'hidden', write: 0 },
        `re-create ${id}`,
      )
    }
  })

  storeTest(
    t,
    open,
    'references to what the same commit labels are judged by the new labels',
    async (t, store) => {
      await write(store, put('Patient', 'p', { patients: ['p'] }))
      const needs = put(
        'Observation',
        'o',
        { patients: ['p'] },
        { mustExist: [{ type: 'Patient', id: 'p' }] },
      )
      const hides = put('Patient', 'p', { patients: ['p'], labels: [R] })
      t.match(await store.commit(commit([needs, hides], { access: ofP })), {
        kind: 'missing-references',
        write: 0,
      })
      t.equal((await store.commit(commit([needs], { access: ofP }))).kind, 'committed')
    },
  )

  storeTest(t, open, 'more labels and patients than fit anywhere small', async (t, store) => {
    const label = (at: number): SecurityLabel => ({ system: 'urn:many', code: `l${at}` })
    for (let at = 0; at < 90; at++)
      await write(
        store,
        put('Observation', `o${at}`, { labels: [label(at)], patients: [`p${at}`, `p${at + 1}`] }),
      )
    await write(
      store,
      put('Observation', 'every', {
        labels: Array.from({ length: 90 }, (_, at) => label(at)),
        patients: Array.from({ length: 91 }, (_, at) => `p${at}`),
      }),
    )
    for (const at of [0, 1, 31, 32, 52, 53, 62, 63, 64, 88, 89]) {
      const without = await search(
        store,
        { type: 'Observation', total: 'accurate' },
        only({ withoutLabels: [label(at)] }),
      )
      t.equal(without.total, 89, `without label ${at}`)
      t.notOk(without.matches.some(({ id }) => id === `o${at}` || id === 'every'))
      t.strictSame(
        (await history(store, { scope: { kind: 'system' } }, only({ withoutLabels: [label(at)] }))).versions
          .length,
        89,
      )
      const own = await search(store, { type: 'Observation' }, only({ patients: [`p${at}`] }))
      t.strictSame(
        ids(own.matches),
        ['every', `o${at}`, ...(at > 0 ? [`o${at - 1}`] : [])].toSorted(),
        `patient ${at}`,
      )
    }
    const none = only({ withoutLabels: Array.from({ length: 90 }, (_, at) => label(at)) })
    t.equal((await search(store, { type: 'Observation', total: 'accurate' }, none)).total, 0)
  })
}
