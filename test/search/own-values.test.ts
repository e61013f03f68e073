// Whatever a search can ask by the values of a resource finds that resource: values to text, text to query, query to index.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { loadDefinitions, type Resource } from '../../src/fhir/index.ts'
import { createSearch, matchesIndex, NO_LOOKUP } from '../../src/search/index.ts'
import { createRegistry } from '../../src/search/registry.ts'
import type { CompositeEntry, IndexEntry } from '../../src/store/index.ts'
import { asIfOwn } from './as-if-own.ts'

const definitions = loadDefinitions()
const registry = createRegistry(definitions)
const search = createSearch({
  definitions,
  baseUrl: 'http://alcove.example/fhir',
  now: () => Date.parse('2024-06-01T12:00:00Z'),
})
/** Entries of one parameter of one resource that are asked for. */
const MOST_ENTRIES = 4

const AWKWARD: readonly Resource[] = [
  {
    resourceType: 'Patient',
    id: 'awkward',
    active: false,
    identifier: [
      { system: 'http://s|t', value: 'a|b\\c$d,e' },
      { value: ' x y ' },
      {
        system: 'http://s',
        value: '1',
        type: { coding: [{ system: 'http://t,u', code: 'M|R' }], text: 'A, b' },
      },
    ],
    name: [{ family: "O'Brien-Ångström, Jr.", given: ['100%', 'a+b', 'c&d=e', 'Łukasz'] }],
    birthDate: '0099-12-31',
    telecom: [{ system: 'phone', value: '+1 (555) 0100' }],
    managingOrganization: { identifier: { system: 'urn:oid:1.2', value: 'o|1' } },
    generalPractitioner: [{ display: 'Nobody' }],
  },
  {
    resourceType: 'Observation',
    id: 'awkward',
    status: 'final',
    code: { coding: [{ system: 'http://l', code: 'a$b|c' }], text: 'x,y' },
    effectivePeriod: { start: '2020-02-29T23:59:59.999-14:00' },
    valueQuantity: {
      value: -0.000012345678901234,
      unit: 'm|g',
      system: 'http://unitsofmeasure.org',
      code: '[degF]',
    },
    component: [
      {
        code: { coding: [{ code: '1' }] },
        valueQuantity: { value: 1e21, system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
      },
      { code: { coding: [{ code: '2' }] }, valueQuantity: { value: 3, code: 'none|such' } },
    ],
  },
  {
    resourceType: 'Location',
    id: 'awkward',
    name: 'The $ place',
    position: { latitude: -89.999, longitude: 180 },
    partOf: { reference: 'http://elsewhere/fhir/Location/1/_history/3' },
  },
  {
    resourceType: 'ValueSet',
    id: 'awkward',
    url: 'http://a.org/x?y=1,2#z',
    version: '1|2',
    status: 'draft',
  },
]

interface Question {
  readonly name: string
  readonly value: string
  readonly found: boolean
}

const escaped = (text: string): string => text.replace(/[\\,|$]/g, '\\$&')
const instant = (milliseconds: number): string => new Date(milliseconds).toISOString()
const isInCalendar = (milliseconds: number): boolean =>
  milliseconds >= Date.UTC(1, 0) - 1e15 && /^\d{4}-/.test(instant(milliseconds))
const quantityText = ({ low, system, code }: Extract<IndexEntry, { kind: 'quantity' }>): string =>
  code === '' ? String(low) : `${low}|${escaped(system)}|${escaped(code)}`

/** One value as text that finds it; undefined for what no text finds alone. */
function textOf(entry: CompositeEntry['components'][number]): string | undefined {
  switch (entry.kind) {
    case 'token':
      return entry.system === '' ? escaped(entry.code) : `${escaped(entry.system)}|${escaped(entry.code)}`
    case 'string':
      return entry.folded === '' ? undefined : escaped(entry.exact)
    case 'reference':
      if (entry.target.kind === 'local') return `${entry.target.type}/${entry.target.id}`
      if (entry.target.kind === 'contained') return undefined
      return escaped(
        entry.target.version === undefined ? entry.target.url : `${entry.target.url}|${entry.target.version}`,
      )
    case 'date':
      return Number.isFinite(entry.low) && isInCalendar(entry.low) ? `ge${instant(entry.low)}` : undefined
    case 'number':
      return entry.low === entry.high ? String(entry.low) : undefined
    case 'quantity':
      return entry.low === entry.high ? quantityText(entry) : undefined
    case 'uri':
      return escaped(entry.value)
  }
}

function questionsOf(entry: IndexEntry): Question[] {
  const [code = '', derived] = entry.param.split(':')
  const ask = (value: string | undefined, modifier = '', found = true): Question[] =>
    value === undefined ? [] : [{ name: code + modifier, value, found }]
  const filter = (test: string, found = true): Question[] => [
    { name: '_filter', value: `${code} ${test}`, found },
  ]
  switch (entry.kind) {
    case 'token': {
      if (derived === 'identifier') return ask(textOf(entry), ':identifier')
      if (derived === 'mime-type') return ask(entry.code, ':below')
      if (derived === 'valueless') return ask('false', ':missing')
      if (derived === 'of-type') {
        const bar = entry.code.indexOf('|')
        if (entry.system === '') return []
        const parts = [entry.system, entry.code.slice(0, bar), entry.code.slice(bar + 1)]
        // Whose code has a bar itself can be told from its value by nobody.
        return parts[2]?.includes('|') ? [] : ask(parts.map(escaped).join('|'), ':of-type')
      }
      // Among true and false there is no third to be asked beside them.
      const boolean = entry.code === 'true' || entry.code === 'false'
      return [
        ...ask(textOf(entry)),
        ...ask(escaped(entry.code)),
        ...ask(`${boolean ? '' : 'no-such,'}${textOf(entry)}`),
        ...ask(`${boolean ? '' : 'no-such,'}${textOf(entry)}`, ':not', false),
        ...filter(`eq ${JSON.stringify(textOf(entry))}`),
      ]
    }
    case 'string':
      if (derived === 'text') return ask(escaped(entry.folded), ':text')
      if (code === 'phonetic') return filter('pr true')
      if (entry.folded === '') return []
      return [
        ...ask(escaped(entry.exact)),
        ...ask(escaped(entry.exact), ':exact'),
        ...ask(
          escaped(entry.exact.slice(-1) === ' ' ? entry.exact : entry.exact.slice(1) || entry.exact),
          ':contains',
        ),
        ...filter(`eq ${JSON.stringify(entry.exact)}`),
        ...filter(`sw ${JSON.stringify(entry.exact)}`),
        ...filter(`ge ${JSON.stringify(entry.exact)}`),
      ]
    case 'reference': {
      const { target } = entry
      return [
        ...ask(textOf(entry)),
        ...(target.kind === 'url' && target.version !== undefined ? ask(escaped(target.url)) : []),
        ...(target.kind === 'local' ? filter(`re ${target.type}/${target.id}`) : []),
      ]
    }
    case 'date': {
      const questions = ask(textOf(entry))
      if (!Number.isFinite(entry.high) || !isInCalendar(entry.high)) return questions
      return [...questions, ...ask(`le${instant(entry.high)}`), ...filter(`lt ${instant(entry.high)}`)]
    }
    case 'number':
    case 'quantity': {
      const text = textOf(entry)
      if (text === undefined) return []
      return [text, `ap${text}`, `ge${text}`, `le${text}`].flatMap((value) => ask(value))
    }
    case 'uri': {
      const isUrl = /^[a-z]+:\/\/[^/]/.test(entry.value)
      return [
        ...ask(textOf(entry)),
        ...(isUrl ? ask(escaped(entry.value.slice(0, -1)), ':below') : []),
        ...(isUrl ? ask(escaped(`${entry.value}/x/y`), ':above') : []),
      ]
    }
    case 'position':
      return ask(`${entry.latitude}|${entry.longitude}|1|m`)
    case 'composite': {
      const values = entry.components.map(textOf)
      return values.includes(undefined) ? [] : ask(values.join('$'))
    }
  }
}

async function check(resource: Resource, name: string): Promise<{ asked: number; wrong: string[] }> {
  const { resourceType, id } = resource
  const index = search.extract(resource)
  const wrong: string[] = []
  const asked = new Map<string, boolean>()
  const counts = new Map<string, number>()
  const put = ({ name: param, value, found }: Question): void => {
    asked.set(`${encodeURIComponent(param)}=${encodeURIComponent(value)}`, found)
  }
  for (const entry of asIfOwn(resourceType, index.entries, registry)) {
    const count = (counts.get(entry.param) ?? 0) + 1
    counts.set(entry.param, count)
    if (count <= MOST_ENTRIES) for (const question of questionsOf(entry)) put(question)
  }
  for (const { code, type } of search.parameters(resourceType).values()) {
    if (type === 'composite' || type === 'special' || ['_text', '_content'].includes(code)) continue
    const present =
      code === '_id' || code === '_lastUpdated' || counts.has(code) || counts.has(`${code}:valueless`)
    put({ name: `${code}:missing`, value: 'false', found: present })
    put({ name: `${code}:missing`, value: 'true', found: !present })
    put({ name: '_filter', value: `${code} pr ${present}`, found: true })
  }
  for (const [criteria, found] of asked) {
    let answer: unknown
    try {
      const where = await search.parseCriteria(resourceType, criteria, NO_LOOKUP)
      answer = matchesIndex(where, { id: id as string, index, resource })
    } catch (error) {
      answer = error
    }
    if (answer !== found) wrong.push(`${name}: ${resourceType}?${decodeURIComponent(criteria)}: ${answer}`)
  }
  return { asked: asked.size, wrong }
}

t.test('awkward values', async (t) => {
  for (const resource of AWKWARD) {
    const { asked, wrong } = await check(resource, resource.resourceType)
    t.strictSame(wrong, [], `${asked} questions about a ${resource.resourceType}`)
    t.ok(asked > 20, 'there was something to ask')
  }
})

const EXAMPLES = new URL('../../../shared/data/r4-examples/', import.meta.url)
const skip = existsSync(EXAMPLES) ? false : "R4's examples are not beside this checkout"

t.test("R4's examples", { skip }, async (t) => {
  let asked = 0
  const wrong: string[] = []
  for (const name of readdirSync(EXAMPLES)) {
    if (!name.endsWith('.json')) continue
    const resource = JSON.parse(readFileSync(new URL(name, EXAMPLES), 'utf8')) as Resource
    const answer = await check(resource, name)
    asked += answer.asked
    wrong.push(...answer.wrong)
  }
  t.strictSame(wrong, [])
  t.ok(asked > 10_000, `${asked} questions`)
})
