// A match that several rows of an index lead to counts once, wherever a page ends.
import t from 'tap'
import { and, chainMatch, stringMatch, tokenMatch, typedCondition } from '../../../src/store/index.ts'
import { commit, ids, put, search, walk } from '../../contract/world.ts'
import { openBesideNaive } from './beside-naive.ts'

const START = Date.UTC(2026, 0, 1)
const PATIENTS = 12

t.test('of resources that refer to several, in every size of page', async (t) => {
  const { naive, store } = await openBesideNaive(t, START, async (store) => {
    const patients = Array.from({ length: PATIENTS }, (_, n) =>
      put('Patient', `p${n}`, {
        entries: ['ada', 'adam', 'adana'].map((folded) => ({
          kind: 'string',
          param: 'name',
          folded,
          exact: folded,
        })),
      }),
    )
    // One in ten refers to patients: then the search starts with what refers to those.
    const visits = Array.from({ length: 400 }, (_, n) =>
      put('Encounter', `e${n}`, {
        date: START + (n % 7),
        entries: [
          { kind: 'token', param: 'status', system: 's', code: 'x' },
          ...Array.from({ length: n % 10 === 0 ? 1 + ((n / 10) % 4) : 0 }, (_, nth) => ({
            kind: 'reference' as const,
            param: 'patient',
            target: { kind: 'local' as const, type: 'Patient', id: `p${(n + nth) % PATIENTS}` },
          })),
        ],
      }),
    )
    await store.commit(commit([...patients, ...visits]))
  })
  const adas = stringMatch('name', 'ada')
  const ofAdas = chainMatch('patient', [typedCondition('Patient', adas)])
  const searches = [
    { type: 'Patient', where: adas },
    { type: 'Encounter', where: ofAdas },
    { type: 'Encounter', where: and([ofAdas, tokenMatch('status', 's', 'x')]) },
  ]
  for (const { type, where } of searches) {
    const all = ids((await search(naive, { type, where, count: 100 })).matches)
    t.ok(all.length > 10)
    for (const count of [1, 2, 3, 5, 8, 50]) {
      const { forth: pages } = await walk(store, { type, where, count })
      const found = pages.flatMap((page) => ids(page.matches))
      t.equal(new Set(found).size, found.length, `each once, ${count} a page`)
      t.strictSame(found.toSorted(), all.toSorted())
      t.ok(
        pages.slice(0, -1).every(({ matches }) => matches.length === count),
        'no page is short',
      )
    }
  }
})
