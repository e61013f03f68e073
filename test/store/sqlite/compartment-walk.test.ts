// A search of many types for one compartment, which is one walk, against the same where each type is searched by itself.
import t from 'tap'
import {
  compartmentMatch,
  searchQuery,
  SEE_EVERYTHING,
  typedCondition,
  type AccessFilter,
  type AccessRule,
  type SearchPage,
  type SecurityLabel,
  type Store,
} from '../../../src/store/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { put, remove, write } from '../../contract/world.ts'
import { pick, seeded, type Random } from '../../e2e/crash/seeded.ts'
import { LONG } from '../../runs.ts'

const TYPES = ['Condition', 'Encounter', 'Observation', 'Patient', 'Procedure']
const PATIENTS = ['p0', 'p1', 'p2', 'p3']
const LABELS: readonly SecurityLabel[] = ['a', 'b'].map((code) => ({ system: 's', code }))
const NEVER_GIVEN: SecurityLabel = { system: 's', code: 'never' }

/** A write of anything, of few ids so that much is written again, moved, hidden and deleted. */
function someWrite(random: Random, several: boolean) {
  const type = pick(TYPES, random)
  const id = type === 'Patient' ? pick(PATIENTS, random) : `r${Math.floor(random() * 12)}`
  if (random() < 0.15) return remove(type, id)
  const mine = type === 'Patient' ? [id] : random() < 0.1 ? [] : [pick(PATIENTS, random)]
  const patients = several && random() < 0.2 ? PATIENTS.slice(0, 2) : mine
  return put(type, id, {
    patients,
    labels: LABELS.filter(() => random() < 0.25),
    date: random() < 0.2 ? undefined : Math.floor(random() * 4) * 1000,
    text: `"n":"${random()}"`,
  })
}

function someFilter(random: Random): AccessFilter {
  const rule = (): AccessRule => ({
    types: random() < 0.5 ? '*' : TYPES.filter(() => random() < 0.6),
    patients: random() < 0.5 ? '*' : PATIENTS.filter(() => random() < 0.6),
    withoutLabels: [...LABELS, NEVER_GIVEN].filter(() => random() < 0.4),
  })
  const chance = random()
  return chance < 0.2 ? SEE_EVERYTHING : { anyOf: chance < 0.7 ? [rule()] : [rule(), rule()] }
}

async function everyPage(
  store: Store,
  from: Parameters<typeof searchQuery>[0]['from'] & object,
  count: number,
  access: AccessFilter,
): Promise<string[]> {
  const told: string[] = []
  let cursor: string | undefined
  do {
    const page: SearchPage = await store.search(
      searchQuery({ from, count, total: 'accurate', cursor }),
      access,
    )
    told.push(`${page.total}: ${page.matches.map(({ body }) => String(body)).join('\n')}`)
    cursor = page.next
  } while (cursor !== undefined)
  return told
}

t.test('one walk gives what a search of each type gives', async (t) => {
  let found = 0
  for (let seed = 1; seed <= (LONG ? 400 : 12); seed++) {
    const random = seeded(20_261_130 + seed)
    const store = await openSqliteStore({ file: ':memory:' })
    const several = seed % 3 === 0
    for (let n = 0; n < 40; n++)
      await write(
        store,
        ...Array.from({ length: 1 + Math.floor(random() * 3) }, (_, k) => k)
          .flatMap(() => someWrite(random, several))
          .filter(
            (one, at, all) => all.findIndex(({ type, id }) => type === one.type && id === one.id) === at,
          ),
      )
    for (let n = 0; n < 30; n++) {
      const access = someFilter(random)
      const patients = random() < 0.7 ? [pick(PATIENTS, random)] : PATIENTS.slice(0, 2)
      const types = random() < 0.5 ? TYPES : TYPES.filter(() => random() < 0.6)
      if (types.length === 0) continue
      const inside = compartmentMatch(patients)
      const count = pick([1, 3, 8, 100], random)
      const together = await everyPage(
        store,
        types.map((type) => typedCondition(type, inside)),
        count,
        access,
      )
      const apart = await everyPage(
        store,
        types.map((type) => typedCondition(type, compartmentMatch(patients))),
        count,
        access,
      )
      found += together.join('').split('"resourceType"').length - 1
      t.strictSame(together, apart, `seed ${seed}: ${types.join()} of ${patients.join()}, ${count} a page`)
    }
    await store.close()
  }
  t.ok(found > 1000, `${found} were found`)
})
