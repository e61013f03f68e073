// Assessments at a real server's door: responses are never there without what they raise, and HL7's own examples score.
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { CALM, careTeam, IN_DANGER, patient, phq9, SEVERE, TOTAL } from '../behavioral/danger/responses.ts'
import type { Bundle, Client } from '../clients/client.ts'
import { seeded } from './crash/seeded.ts'
import { runAlcove, serve, temporaryFolder } from './server-process.ts'

t.setTimeout(300_000)

const GUIDE = fileURLToPath(new URL('../../../shared/data/hl7-behavioral-health/', import.meta.url))
const WRITERS = 8
const ROUNDS = 4
const KINDS = [
  { answers: CALM, made: { Observation: 12, Flag: 0, Task: 0 } },
  { answers: IN_DANGER, made: { Observation: 12, Flag: 1, Task: 1 } },
  { answers: SEVERE, made: { Observation: 12, Flag: 1, Task: 2 } },
]

// oxlint-disable-next-line no-explicit-any -- tests look into resources of every shape
type Loose = any

async function put(client: Client, resource: Loose): Promise<number> {
  const { status, text } = await client.ask(`PUT ${resource.resourceType}/${resource.id}`, { body: resource })
  if (status >= 300) throw new Error(`${status} ${text}`)
  return status
}

async function all(client: Client, criteria: string): Promise<readonly Loose[]> {
  const found: Loose[] = []
  for (let page: string | undefined = `${criteria}&_count=500`; page !== undefined; ) {
    const { json } = await client.ask<Bundle>(`GET ${page}`)
    found.push(...(json.entry ?? []).map(({ resource }: Loose) => resource))
    const next = json.link?.find(({ relation }: Loose) => relation === 'next') as Loose
    page =
      next === undefined
        ? undefined
        : new URL(next.url).pathname.replace('/fhir/', '') + new URL(next.url).search
  }
  return found
}

t.test(
  'kill -9 under those who answer: no response without its alerts, and none of these twice',
  async (t) => {
    const folder = await temporaryFolder(t)
    const env = { ALCOVE_DATABASE: `sqlite:${folder}/alcove.db`, ALCOVE_LOG_LEVEL: 'warn' }
    const random = seeded(20260131)
    const acknowledged = new Set<string>()
    let server = await serve(t, env)
    await put(server.client, patient())
    await put(server.client, careTeam('team'))
    for (let round = 0; round < ROUNDS; round++) {
      // The first of a server reads the Questionnaire.
      await put(server.client, phq9(CALM, { id: `k0-${round}-first` }))
      const working = Array.from({ length: WRITERS }, async (_, writer) => {
        for (let at = 0; ; at++) {
          const kind = Math.floor(random() * KINDS.length)
          const id = `k${kind}-${round}-${writer}-${at}`
          try {
            await put(server.client, phq9((KINDS[kind] as Loose).answers, { id }))
            acknowledged.add(id)
          } catch (error) {
            if (!(error instanceof TypeError)) throw error
            return
          }
        }
      })
      await wait(300 + random() * 500)
      server.kill('SIGKILL')
      await Promise.all(working)
      await server.ended
      server = await serve(t, env)
    }
    const made = new Map<string, Record<string, number>>()
    for (const { id } of await all(server.client, 'QuestionnaireResponse?_elements=id'))
      made.set(id, { Observation: 0, Flag: 0, Task: 0 })
    for (const type of ['Observation', 'Flag', 'Task'])
      for (const { identifier } of await all(server.client, `${type}?_elements=identifier`)) {
        const { value } = identifier.find(({ system }: Loose) => system.endsWith('/assessment-response'))
        const counted = made.get(value)
        if (counted === undefined) t.fail(`${type} of a response that is not there`)
        else counted[type] = (counted[type] ?? 0) + 1
      }
    t.ok(acknowledged.size > WRITERS, `${acknowledged.size} acknowledged, ${made.size} there`)
    for (const id of acknowledged) if (!made.has(id)) t.fail(`${id} was acknowledged`)
    const wrong = [...made].filter(
      ([id, counted]) => JSON.stringify(counted) !== JSON.stringify(KINDS[Number(id[1])]?.made),
    )
    t.same(wrong, [])
    await server.stop()
    const { status, stdout, stderr } = await runAlcove(['verify'], env)
    t.equal(status, 0, `${stdout}${stderr}`)
  },
)

t.test('a setting leaves scoring to who asks for it', async (t) => {
  const folder = await temporaryFolder(t)
  const { client } = await serve(t, {
    ALCOVE_DATABASE: `sqlite:${folder}/alcove.db`,
    ALCOVE_SCORE_RESPONSES: 'off',
    ALCOVE_LOG_LEVEL: 'warn',
  })
  await put(client, patient())
  await put(client, phq9(SEVERE))
  t.same(await all(client, 'Observation?status=final'), [])
  const asked = await client.ask('POST QuestionnaireResponse/r/$score?persist=true')
  t.equal(asked.status, 200)
  t.equal((await all(client, 'Flag?subject=Patient/p')).length, 1)
})

t.test(
  "HL7's own examples, in XML, by the canonicals that they name",
  existsSync(GUIDE) ? {} : { skip: 'the folder of shared records is not beside this checkout' },
  async (t) => {
    const folder = await temporaryFolder(t)
    const { client } = await serve(t, {
      ALCOVE_DATABASE: `sqlite:${folder}/alcove.db`,
      ALCOVE_REFERENCES: 'off',
      ALCOVE_LOG_LEVEL: 'warn',
    })
    const scoresOf = async (example: string): Promise<readonly Loose[]> => {
      const sent = await client.ask(`PUT QuestionnaireResponse/${example}`, {
        body: readFileSync(`${GUIDE}${example}.xml`),
        headers: { 'content-type': 'application/fhir+xml' },
      })
      t.equal(sent.status, 201, sent.text)
      return all(client, `Observation?derived-from=QuestionnaireResponse/${example}`)
    }
    const coded = (observations: readonly Loose[], code: string): Loose =>
      observations.find((it) => it.code.coding.some((coding: Loose) => coding.code === code))

    const depression = await scoresOf('phq-9-example-1')
    t.match(coded(depression, TOTAL), {
      valueQuantity: { value: 12 },
      interpretation: [{ coding: [{ code: 'POS' }], text: 'Moderate' }],
    })
    t.equal(depression.length, 10 + 2 + 1)

    const suicide = await scoresOf('C-SSRS-example-1')
    t.match(coded(suicide, '93374-7'), { interpretation: [{ coding: [{ code: 'NEG' }] }] })

    // It answers another question than the first of AUDIT-C (LOINC 68517-2): nobody knows how often.
    const alcohol = await scoresOf('alcohol-use-identification-test-1')
    const total = coded(alcohol, '75626-2')
    t.match(total.dataAbsentReason, { coding: [{ code: 'unknown' }], text: /\/68518-0/ })
    t.notOk('valueQuantity' in total || 'interpretation' in total)
    t.ok(total.meta.security.some(({ code }: Loose) => code === 'SUD'))
    t.same(await all(client, 'Flag?status=active'), [])
  },
)
