// Round after round of attacks leaves nothing behind: what the process holds afterwards is what it held before.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { LONG } from '../runs.ts'
import { attacked, type Attacked } from './attacked.ts'
import { damaged, Dice, mutant } from './mutations.ts'
import { SEEDS } from './seeds.ts'

t.setTimeout(LONG ? 7_200_000 : 600_000)

const WARM_UP = 3
const ROUNDS = LONG ? 100 : 4
/** What collection and caches that are bounded may leave either way. */
const SLACK_BYTES = 12 * 1024 * 1024

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** All of it refused, or about one resource, so that the store itself does not grow by more than its history. */
async function attackInRound(server: Attacked, round: number): Promise<void> {
  const json = { 'content-type': 'application/fhir+json' }
  for (let index = 0; index < 100; index++) {
    const dice = new Dice(round * 1000 + index)
    const seed = dice.pick(SEEDS)
    await server.attack('a mutant', `POST ${seed.resourceType}?nothing=1`, mutant(dice, seed), json)
    await server.attack(
      'damaged',
      `PUT ${seed.resourceType}/a%00`,
      damaged(dice, Buffer.from(JSON.stringify(seed))),
      json,
    )
  }
  const unique = `${round}x${'u'.repeat(40)}`
  const bomb = gzipSync(Buffer.alloc(3_000_000, ' '))
  await server.attack('a bomb', 'POST Patient', bomb, { ...json, 'content-encoding': 'gzip' })
  await server.attack('deep', 'POST Patient', '{"a":'.repeat(100_000), json)
  const path = [
    { name: 'type', valueCode: 'delete' },
    { name: 'path', valueString: `Patient.name.where('${unique}' = family.${unique})` },
  ]
  await server.attack('a path', 'PATCH Patient/known', {
    resourceType: 'Parameters',
    parameter: [{ name: 'operation', part: path }],
  })
  for (let index = 0; index < 200; index++) {
    await server.attack('a type', `GET ${unique}${index}`)
    await server.attack('an id', `GET Patient/${unique}${index}`, undefined, {
      host: `${unique}${index}.test`,
    })
    await server.attack('a parameter', `GET Patient?${unique}${index}=${unique}`, undefined, {
      accept: `a/${unique}${index}`,
    })
    await server.attack(
      'a value',
      `GET Patient?identifier=${unique}${index}|${index}&_include=Patient:${unique}`,
    )
    await server.attack(
      'a unit',
      `GET Observation?value-quantity=${index}|http://unitsofmeasure.org|${unique}${index}`,
    )
  }
}

t.test('memory', async (t) => {
  const server = await attacked(t, { http: { limits: { bodyBytes: 2_000_000 } } })
  const held: number[] = []
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    await attackInRound(server, round)
    server.log.length = 0
    // What was let go of in the last turns is let go of now.
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
    collect()
    const { heapUsed, external } = process.memoryUsage()
    held.push(heapUsed + external)
  }
  const before = Math.min(...held.slice(0, WARM_UP + 1))
  const after = Math.min(...held.slice(-3))
  t.comment(held.map((bytes) => `${Math.round(bytes / 1e5) / 10} MB`).join(' '))
  t.ok(after - before < SLACK_BYTES, `${after - before} bytes more after ${ROUNDS} rounds`)
  await server.survives()
})
