// Writes into README.md what searches take, by parameter type; `--check` only says whether it is already so.
import { loadDefinitions } from '../src/fhir/index.ts'
import {
  createSearch,
  GENERAL_PARAMETERS,
  INCLUDE_MODIFIERS,
  RESULT_PARAMETERS,
  SHAPING_PARAMETERS,
  SUPPORT,
  type ParameterSupport,
} from '../src/search/index.ts'
import { writeReadmeSection } from './readme-section.ts'

const rows = Object.entries(SUPPORT)

/** In the order in which they first come. */
function columns(of: (support: ParameterSupport) => readonly string[]): readonly string[] {
  return [...new Set(rows.flatMap(([, support]) => of(support)))]
}

function code(text: string): string {
  return `\`${text}\``
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function table(
  head: string,
  names: readonly string[],
  written: (name: string) => string,
  mark: (type: string, support: ParameterSupport, name: string) => string,
): string {
  return [
    line([head, ...names.map((name) => code(written(name)))]),
    line(['---', ...names.map(() => ':-:')]),
    ...rows.map(([type, support]) => line([type, ...names.map((name) => mark(type, support, name))])),
  ].join('\n')
}

const modifiers = table(
  'modifier',
  columns(({ modifiers: taken }) => taken),
  (name) => `:${name}`,
  (_type, support, name) => (support.modifiers.some((it) => it === name) ? '●' : ''),
)

const prefixes = table(
  'prefix',
  columns(({ prefixes: taken }) => taken),
  (name) => name,
  (type, support, name) =>
    support.prefixes.some((it) => it === name) ? '●' : type === 'composite' ? '○' : '',
)

const search = createSearch({ definitions: loadDefinitions(), baseUrl: 'http://127.0.0.1:8080/fhir' })
const general = [
  ...[...search.parameters('Patient').keys()].filter((name) => name.startsWith('_')),
  ...GENERAL_PARAMETERS,
  '_type',
]
const includes = INCLUDE_MODIFIERS.filter((modifier) => modifier === 'iterate')
const result = RESULT_PARAMETERS.flatMap((name) =>
  name.endsWith('include') ? [name, ...includes.map((modifier) => `${name}:${modifier}`)] : [name],
)

const names = [
  line(['parameters', '']),
  line(['---', '---']),
  line(['of every type', general.map(code).join(' ')]),
  line(['for the result', result.map(code).join(' ')]),
  line(['for its shape', SHAPING_PARAMETERS.map(code).join(' ')]),
].join('\n')

const legend =
  '● taken; ○ as the component takes it. Elsewhere a modifier is refused by name (400), and a prefix is part of the value.'

writeReadmeSection('search', 'search-table.ts', [modifiers, prefixes, legend, names].join('\n\n'))
