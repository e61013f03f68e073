// Reads a SearchParameter resource (https://hl7.org/fhir/R4/searchparameter.html) into a parameter, or says why it cannot be one.
import {
  FhirError,
  isJsonObject,
  parseFhirPath,
  type Definitions,
  type ErrorCode,
  type FhirPathNode,
  type IssueType,
  type JsonValue,
  type Resource,
  type SearchParameterDefinition,
  type SearchParameterType,
} from '../fhir/index.ts'
import { rootName, isElementName, unionBranches } from './compile-expression.ts'
import type { CompiledParameter, CustomChange, CustomParameter } from './custom-parameter.ts'
import { isA } from './extraction/paths.ts'
import { linkComponent, type RegisteredComponent, type Registry } from './registry.ts'
import type { SelectionCompiler } from './select-expression.ts'
import type { Program } from './steps.ts'

const TYPES: ReadonlySet<string> = new Set<SearchParameterType>([
  'string',
  'token',
  'reference',
  'date',
  'number',
  'quantity',
  'uri',
  'composite',
])

/** What may stand in a URL as it is, and means nothing to the syntax of searches. */
const CODE = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/

export interface CheckParts {
  readonly registry: Registry
  readonly definitions: Definitions
  readonly compiler: SelectionCompiler
}

/**
 * A parameter that only says again what R4 says has no types, for nothing has to be done for it.
 * @throws FhirError `invalid` for an expression, base or target that cannot be; `business-rule` for a code that is
 *   taken and for what the server does not do; each issue names the element
 */
export async function checkCustomParameter(
  resource: Resource,
  change: CustomChange,
  parts: CheckParts,
): Promise<CustomParameter> {
  const { registry } = parts
  const url = text(resource, 'url')
  const code = text(resource, 'code')
  const type = text(resource, 'type')
  if (!TYPES.has(type)) {
    const right = `The types offered are ${[...TYPES].join(', ')}.`
    throw fault(
      'business-rule',
      'not-supported',
      'type',
      `A parameter of type '${type}' is not offered. ${right}`,
    )
  }
  if (!CODE.test(code)) {
    const right = 'It begins with a letter and has up to 64 letters, digits, hyphens and underscores.'
    throw fault('business-rule', 'value', 'code', `'${code}' cannot stand in a search. ${right}`)
  }
  const expression = optionalText(resource, 'expression')
  if (expression === undefined) {
    throw fault('invalid', 'required', 'expression', 'A parameter without an expression is about nothing.')
  }
  const node = read(expression, 'expression')
  const about = { url, code, type: type as CustomParameter['type'], expression, node, change }
  const compiled = new Map<string, CompiledParameter>()
  for (const name of typesOf(resource, registry)) {
    const parameter = await compileFor(name, about, resource, parts)
    if (parameter !== undefined) compiled.set(name, parameter)
  }
  return {
    url,
    code,
    type: about.type,
    types: [...compiled.keys()],
    state: 'indexing',
    indexed: undefined,
    compiled,
  }
}

interface About {
  readonly url: string
  readonly code: string
  readonly type: CustomParameter['type']
  readonly expression: string
  readonly node: FhirPathNode
  readonly change: CustomChange
}

/** undefined where R4 has the same parameter already. */
async function compileFor(
  type: string,
  about: About,
  resource: Resource,
  { registry, definitions, compiler }: CheckParts,
): Promise<CompiledParameter | undefined> {
  const branches = unionBranches(about.node).filter((branch) => {
    const root = rootName(branch)
    return root === undefined || isElementName(root) || isA(definitions, type, root)
  })
  if (branches.length === 0) {
    const problem = `'${about.expression}' selects nothing in a ${type}, though that is one of its bases.`
    throw fault('invalid', 'value', 'expression', problem)
  }
  const definition: SearchParameterDefinition = Object.freeze({
    code: about.code,
    url: about.url,
    type: about.type,
    base: type,
    expression: about.expression,
    targets: targetsOf(resource, registry),
    components: componentsOf(resource).map(({ definition: url, expression }) => ({
      definition: url,
      expression,
    })),
    description: optionalText(resource, 'description') ?? '',
  })
  const selection = await told('expression', () => compiler.selection(branches, definition, type))
  const taken = registry.of(type).get(about.code)
  const isCustom = registry.custom.some((it) => it.url === taken?.definition.url)
  const isFree =
    isCustom &&
    (about.change.replaced.has(taken?.definition.url ?? '') || taken?.definition.url === about.url)
  if (taken !== undefined && !isFree) {
    const { selection: other, definition: known } = taken
    const same =
      known.type === about.type &&
      other.kind === 'steps' &&
      JSON.stringify(other) === JSON.stringify(selection)
    if (same && !isCustom) return undefined
    const problem = `${type} has a parameter '${about.code}' already: ${known.url}. Take another code.`
    throw fault('business-rule', 'duplicate', 'code', problem)
  }
  if (about.type !== 'composite') return { definition, selection, components: [] }
  if (selection.kind !== 'steps') {
    const problem = `The elements of a composite must be named by a path; '${about.expression}' is more than that.`
    throw fault('business-rule', 'not-supported', 'expression', problem)
  }
  const { program } = selection
  const components = componentsOf(resource).map((component) =>
    checkedComponent(type, program, component, about.change, { registry, definitions, compiler }),
  )
  if (components.length < 2) {
    throw fault('invalid', 'required', 'component', 'A composite has at least two components.')
  }
  return { definition, selection, components }
}

interface SourceComponent {
  readonly definition: string
  readonly expression: string
  readonly at: string
}

function checkedComponent(
  type: string,
  base: Program,
  { definition: url, expression, at }: SourceComponent,
  { added }: CustomChange,
  { registry, definitions, compiler }: CheckParts,
): RegisteredComponent {
  const [plain = ''] = url.split('|')
  const parameter = added.find((it) => it.url === plain)?.compiled.get(type) ?? registry.byUrl(type, plain)
  if (parameter === undefined || ['composite', 'special'].includes(parameter.definition.type)) {
    const problem = `${type} has no parameter ${plain} that could be part of another.`
    throw fault('invalid', 'not-found', `${at}.definition`, problem)
  }
  const program = compiler.component(read(expression, `${at}.expression`), type, base)
  if (program === undefined) {
    const problem = `A component must be named by a path from the composite's elements; '${expression}' is none.`
    throw fault('business-rule', 'not-supported', `${at}.expression`, problem)
  }
  const whole = parameter.selection.kind === 'steps' ? parameter.selection.program : []
  return linkComponent(definitions, type, base, { definition: parameter.definition, program, whole })
}

function componentsOf(resource: Resource): readonly SourceComponent[] {
  if (!Array.isArray(resource.component)) return []
  return resource.component.map((component, index) => {
    const at = `component[${index}]`
    const { definition, expression } = isJsonObject(component) ? component : {}
    if (typeof definition !== 'string')
      throw fault('invalid', 'required', `${at}.definition`, 'It is missing.')
    if (typeof expression !== 'string')
      throw fault('invalid', 'required', `${at}.expression`, 'It is missing.')
    return { definition, expression, at }
  })
}

function typesOf(resource: Resource, registry: Registry): readonly string[] {
  const bases = texts(resource.base)
  if (bases.length === 0)
    throw fault('invalid', 'required', 'base', 'It says for which types the parameter is.')
  const types = bases.flatMap((base, index) => {
    const found = registry.typesOf(base)
    if (found.length > 0) return found
    throw fault('invalid', 'code-invalid', `base[${index}]`, `'${base}' is no resource type of R4.`)
  })
  return [...new Set(types)].sort()
}

/** Any type but Parameters when none is named. */
function targetsOf(resource: Resource, registry: Registry): readonly string[] {
  const named = texts(resource.target)
  if (named.length === 0) return resource.type === 'reference' ? registry.anyTarget : []
  const types = named.flatMap((target, index) => {
    const found = registry.typesOf(target)
    if (found.length > 0) return found
    throw fault('invalid', 'code-invalid', `target[${index}]`, `'${target}' is no resource type of R4.`)
  })
  return [...new Set(types)].sort()
}

function texts(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function text(resource: Resource, name: string): string {
  const value = optionalText(resource, name)
  if (value === undefined) throw fault('invalid', 'required', name, 'It is missing.')
  return value
}

function optionalText(resource: Resource, name: string): string | undefined {
  const value = resource[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function read(expression: string, at: string): FhirPathNode {
  try {
    return parseFhirPath(expression)
  } catch (cause) {
    throw asFault(at, cause)
  }
}

/** Faults of an expression, by the element that holds it. */
async function told<T>(at: string, compile: () => Promise<T>): Promise<T> {
  try {
    return await compile()
  } catch (cause) {
    throw asFault(at, cause)
  }
}

function asFault(at: string, cause: unknown): unknown {
  if (!(cause instanceof FhirError)) return cause
  const code: ErrorCode = cause.code === 'malformed' ? 'invalid' : cause.code
  return fault(code, 'value', at, cause.message)
}

function fault(code: ErrorCode, issue: IssueType, at: string, diagnostics: string): FhirError {
  return new FhirError(code, [
    { severity: 'error', code: issue, diagnostics, expression: `SearchParameter.${at}` },
  ])
}
