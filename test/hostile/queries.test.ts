// Queries made of hostile parts: broken escapes, names of another world, chains, includes and filters without end.
import t from 'tap'
import { LONG } from '../runs.ts'
import { write } from '../rest/searching.ts'
import { PRACTICE } from '../search/practice.ts'
import { attacked } from './attacked.ts'
import { Dice, ODD_NAMES, ODD_VALUES } from './mutations.ts'

t.setTimeout(LONG ? 7_200_000 : 600_000)

const SEED = LONG ? Date.now() % 2 ** 31 : 20_261_130
const COUNT = LONG ? 100_000 : 1500
const ENDS = [
  '',
  '&',
  '#',
  '%',
  '%0',
  '%zz',
  '%c0%af',
  '%ed%a0%80',
  '%00',
  '+',
  ';',
  '\\',
  "'",
  '"',
  '|',
  '$',
  ',',
]
const NAMES = [
  ...ODD_NAMES.filter((name) => name.isWellFormed()),
  ...'_id _lastUpdated _tag _profile _security _source _text _content _list _has _filter _type _sort _count _total'.split(
    ' ',
  ),
  ...'_include _revinclude _include:iterate _summary _elements _contained _containedType _format _pretty _cursor'.split(
    ' ',
  ),
  ...'name family phonetic birthdate identifier gender address-city general-practitioner organization link'.split(
    ' ',
  ),
  ...'subject code date value-quantity code-value-quantity patient encounter near url context-type-value'.split(
    ' ',
  ),
  '_has:Observation:subject:code',
  '_has:Observation:subject:_has:Provenance:target:agent',
  'subject:Patient.name',
  'subject.general-practitioner.name',
  'link.link.link.link.link.family',
  'subject:constructor.name',
]
const MODIFIERS = [
  'missing',
  'exact',
  'contains',
  'not',
  'text',
  'in',
  'not-in',
  'above',
  'below',
  'of-type',
  'identifier',
  'Patient',
  'iterate',
  '',
]
const VALUES = [
  ...'true a a,b a\\,b a|b |b a| gt2020 sa2020-13 ap5.4|http://unitsofmeasure.org|mg 1e400 5||kg -0 Patient/known * . ..'.split(
    ' ',
  ),
  ...'Observation:subject Patient:* *:* Patient:link:Patient:x ,, ,a \\ \\\\ \\, || ||| 10|20|5|km'.split(
    ' ',
  ),
  'family eq "a',
  'not not not (a eq b)',
  '('.repeat(300),
  'link[family eq "a"].family eq "b"',
  '(m.'.repeat(33),
  '-_id,family,-birthdate',
  'http://127.0.0.1:9/vs|1|2',
  'x'.repeat(5000),
  'a,'.repeat(1500),
  "' OR 1=1; DROP TABLE res; --",
  '%" OR narrative:*',
  'NEAR(a b, 5)',
  '"a" AND NOT b*',
  ...ODD_VALUES.filter((value) => typeof value === 'string' && value.length < 5000),
] as readonly string[]
const PATHS = [
  'Patient',
  'Observation',
  '',
  'Patient/rosa/Observation',
  'Patient/rosa/*',
  'Location',
  'Patient/known/$everything',
  'Observation/$lastn',
  'Patient/_history',
  '_history',
  'metadata',
]

function query(dice: Dice): string {
  const parts = Array.from({ length: 1 + dice.roll(4) }, () => {
    const modifier = dice.roll(3) === 0 ? `:${dice.pick(MODIFIERS)}` : ''
    const name = dice.pick(NAMES) + modifier
    const value = dice.pick(VALUES)
    const isRaw = dice.roll(5) === 0
    return isRaw
      ? `${encodeURI(name)}=${encodeURI(value)}${dice.pick(ENDS)}`
      : `${encodeURIComponent(name)}=${encodeURIComponent(value)}`
  })
  if (dice.roll(20) === 0) parts.push(...Array.from({ length: 10_000 }, () => parts[0] as string))
  return parts.join('&')
}

t.test('queries', async (t) => {
  const server = await attacked(t)
  await write(server, ...PRACTICE([]))
  const tally = new Map<number, number>()
  for (let index = 0; index < COUNT; index++) {
    const dice = new Dice(SEED + index)
    const path = dice.pick(PATHS)
    const text = query(dice)
    const method = dice.pick(['GET', 'GET', 'POST', 'HEAD', 'PUT', 'DELETE'])
    const prefer = dice.pick(['handling=lenient', 'handling=strict', 'return=OperationOutcome'])
    const isForm = method === 'POST' && !path.includes('$') && !path.includes('_history')
    const reply = isForm
      ? await server.attack(
          `${index}: POST ${path} ${text.slice(0, 500)}`,
          `POST ${path === '' ? '' : `${path}/`}_search`,
          text,
          { prefer, 'content-type': 'application/x-www-form-urlencoded' },
        )
      : method === 'PUT'
        ? await server.attack(
            `${index}: PUT ${text.slice(0, 500)}`,
            `PUT Basic?${text}`,
            { resourceType: 'Basic', code: { text: 'a' } },
            { prefer },
          )
        : method === 'DELETE'
          ? await server.attack(`${index}: DELETE ${text.slice(0, 500)}`, `DELETE Basic?${text}`, undefined, {
              prefer,
            })
          : await server.attack(
              `${index}: ${method} ${path}?${text.slice(0, 500)}`,
              `${method} ${path}?${text}`,
              undefined,
              { prefer },
            )
    tally.set(reply.status, (tally.get(reply.status) ?? 0) + 1)
  }
  t.comment(`seed ${SEED}: ${JSON.stringify(Object.fromEntries(tally))}`)
  for (const status of [200, 400, 422]) t.ok((tally.get(status) ?? 0) > 20, `${status} came about`)
  await server.survives()
})

t.test('the criteria of conditions', async (t) => {
  const server = await attacked(t)
  for (let index = 0; index < COUNT / 6; index++) {
    const dice = new Dice(SEED - index)
    const text = query(dice)
    if (text.length > 20_000) continue
    const header = text.replaceAll(/[^\x20-\x7e]/g, '')
    await server.attack(
      `${index}: If-None-Exist ${text.slice(0, 500)}`,
      'POST Basic',
      { resourceType: 'Basic', code: { text: 'a' } },
      { 'if-none-exist': header },
    )
    const reference = {
      resourceType: 'Basic',
      code: { text: 'a' },
      subject: { reference: `Patient?${text}` },
    }
    await server.attack(`${index}: reference ${text.slice(0, 500)}`, 'POST Basic', reference)
    const entry = [{ resource: reference, request: { method: 'PUT', url: `Basic?${text}` } }]
    await server.attack(`${index}: entry ${text.slice(0, 500)}`, 'POST ', {
      resourceType: 'Bundle',
      type: dice.pick(['batch', 'transaction']),
      entry,
    })
  }
  await server.survives()
})
