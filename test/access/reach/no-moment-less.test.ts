// While labels go up and down, whoever reads never sees a record with fewer labels than what it takes them from.
import t, { type Test } from 'tap'
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'
import { ACT_CODE } from '../labels/rules.ts'
import { labelledWorld, type WorldOptions } from './labelled-world.ts'
import { restrictedDoor } from './restricted-door.ts'

t.setTimeout(300_000)

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const subject = { reference: 'Patient/p' }
/** What the reason says, one after the other. Alcohol is named in all but the last. */
const SAYS = [
  ['F10.20'],
  ['F10.20', 'B20'],
  ['F10.20'],
  ['F10.20', 'F33.1'],
  ['F10.20', 'B20', 'F33.1'],
  ['I10'],
]
const ALWAYS = ['ETHUD', 'R', 'SUD']

function codesOf(resource: JsonObject): ReadonlySet<string> {
  const { security = [] } = resource['meta'] as { security?: { code: string }[] }
  return new Set(security.map(({ code }) => code))
}

async function watch(t: Test, options: WorldOptions): Promise<void> {
  const world = await labelledWorld(options)
  t.teardown(() => world.close())
  const ask = restrictedDoor(t, world, [])
  const put = (resource: JsonObject) =>
    world.repository.write({
      kind: 'update',
      target: { type: String(resource['resourceType']), id: String(resource['id']) },
      resource: resource as Resource,
    })
  const says = (codes: readonly string[]) =>
    put({
      resourceType: 'Condition',
      id: 'c',
      subject,
      code: { coding: codes.map((code) => ({ system: ICD, code })) },
    })
  await put({ resourceType: 'Patient', id: 'p' })
  await says(SAYS[0] as string[])
  for (const id of ['e0', 'e1'])
    await put({
      resourceType: 'Encounter',
      id,
      status: 'finished',
      class: { system: ACT_CODE, code: 'AMB' },
      subject,
      reasonReference: [{ reference: 'Condition/c' }],
    })
  for (let n = 0; n < 12; n++)
    await put({
      resourceType: 'Observation',
      id: `o${n}`,
      status: 'final',
      code: { text: 'x' },
      subject,
      encounter: { reference: `Encounter/e${n % 2}` },
    })

  let isOver = false
  let looks = 0
  const seen = new Set<string>()
  const faults: string[] = []
  /** Whether alcohol is named at least until the next write. */
  let isSteady = true
  let breaks = 0
  const watcher = (async () => {
    while (!isOver) {
      const before = isSteady ? breaks : undefined
      // One page is of one moment.
      const { text } = await ask(
        'GET Observation?_count=50&_include=Observation:encounter&_include:iterate=Encounter:reason-reference',
      )
      const { entry } = JSON.parse(text) as { entry: { resource: JsonObject }[] }
      const all = new Map(
        entry.map(({ resource }) => [
          `${String(resource['resourceType'])}/${String(resource['id'])}`,
          resource,
        ]),
      )
      looks++
      for (const [name, resource] of all) {
        const own = codesOf(resource)
        if (name.startsWith('Observation')) seen.add([...own].toSorted().join())
        const { encounter, reasonReference } = resource as {
          encounter?: { reference: string }
          reasonReference?: { reference: string }[]
        }
        const giver = all.get(encounter?.reference ?? reasonReference?.[0]?.reference ?? '')
        if (giver === undefined && name !== 'Condition/c')
          faults.push(`${name} came without what it refers to`)
        for (const code of giver === undefined ? [] : codesOf(giver))
          if (!own.has(code)) faults.push(`${name} is without ${code}, which it takes`)
        if (isSteady && before === breaks)
          for (const code of ALWAYS) if (!own.has(code)) faults.push(`${name} has lost ${code} between`)
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  for (let round = 0; round < 8; round++)
    for (const codes of SAYS) {
      if (!codes.includes('F10.20')) {
        isSteady = false
        breaks++
      }
      await says(codes)
      await world.relabelling.whenDone(() => {})
      isSteady = codes.includes('F10.20')
    }
  isOver = true
  await watcher
  t.same(faults.slice(0, 5), [])
  t.ok(looks > 30 && seen.size >= 3, `${looks} looks, ${seen.size} sets of labels seen`)
  t.same(world.failures, [])
}

t.test('in one commit', (t) => watch(t, {}))
t.test('by raising before and lowering after', (t) => watch(t, { mostDependents: 3 }))
