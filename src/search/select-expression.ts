// Search expressions that somebody wrote: as steps where those can say it, else by the FHIRPath engine.
import {
  FhirError,
  loadFhirPath,
  timeLimit,
  type Definitions,
  type FhirPathEngine,
  type FhirPathNode,
  type JsonObject,
  type SearchParameterDefinition,
} from '../fhir/index.ts'
import { compileExpression, resolvedType } from './compile-expression.ts'
import { expressionText } from './expression-text.ts'
import { entryMaker, type EntryMakerParts } from './extraction/entry-maker.ts'
import { isA, linkProgram } from './extraction/paths.ts'
import { refersTo } from './extraction/refers-to.ts'
import type { SelectedValue, Selection } from './selection.ts'
import type { Program, Step } from './steps.ts'

export interface SelectionCompiler {
  /**
   * What the branches of an expression select in a resource of this type.
   * @throws FhirError `invalid` when they can select nothing that such a parameter is about, or cannot be evaluated
   */
  selection(
    branches: readonly FhirPathNode[],
    definition: SearchParameterDefinition,
    type: string,
  ): Promise<Selection>
  /** Steps from the elements that `base` leads to; undefined when steps cannot say it, or nothing is there. */
  component(node: FhirPathNode, type: string, base: Program): Program | undefined
}

/** Their values change while a resource does not, or are not to be had while it is being written. */
const NOT_FROM_THE_RESOURCE: ReadonlySet<string> = new Set([
  'today',
  'now',
  'timeOfDay',
  'resolve',
  'memberOf',
  'conformsTo',
])

/** The name by which expressions reach `refersTo`; no function of FHIRPath is called so. */
const REFERS_TO = 'refersTo'

export function createSelectionCompiler(parts: EntryMakerParts): SelectionCompiler {
  const { definitions, baseUrl } = parts
  const inTime = timeLimit(SELECTION_MS)
  let loading: Promise<FhirPathEngine> | undefined

  const byEngine = async (
    branches: readonly FhirPathNode[],
    definition: SearchParameterDefinition,
    type: string,
  ): Promise<Extract<Selection, { kind: 'engine' }>> => {
    loading ??= loadFhirPath()
    const engine = await loading
    const readers = branches.map((branch) =>
      engine.compile(expressionText(forEngine(branch)), {
        [REFERS_TO]: (value, wanted, { resource, rootResource }) =>
          refersTo(value, wanted, baseUrl, {
            resource: resource as JsonObject,
            container: rootResource as JsonObject,
          }),
      }),
    )
    // What the engine does not know it says even when there is nothing to evaluate.
    for (const reader of readers)
      inTime(
        () => reader({ resourceType: type }),
        (cause) => tooLong(definition.code, cause),
      )
    const shown = (selected: SelectedValue): SelectedValue =>
      selected.type !== undefined && definitions.isResourceType(selected.type)
        ? { ...selected, type: 'Resource' }
        : selected
    return {
      kind: 'engine',
      select: ({ resource, container }) =>
        inTime(
          () =>
            readers.flatMap((reader) => {
              try {
                return reader(resource, { resource, rootResource: container }).map(shown)
              } catch (error) {
                // Such as two names where the expression is about one: there it selects nothing.
                if (error instanceof FhirError) return []
                throw error
              }
            }),
          (cause) => tooLong(definition.code, cause),
        ),
    }
  }

  return {
    async selection(branches, definition, type) {
      const programs = branches.map(compileExpression)
      const whole = programs.every((program) => program !== undefined) ? programs.flat() : undefined
      const program = whole?.some((branch) => branch[0]?.[0] === 'root') ? undefined : whole
      const isExact = program?.every((branch) => stepsSayIt(definitions, type, branch)) === true
      if (program === undefined || !isExact) return byEngine(branches, definition, type)
      const paths = linkProgram(definitions, type, program)
      if (definition.type !== 'composite') {
        const useful = paths.some((path) =>
          path.present ? definition.type === 'token' : entryMaker(definition, path, parts) !== undefined,
        )
        if (!useful) {
          const types = [...new Set(paths.map((path) => path.type))].join(', ')
          throw new FhirError('invalid', `A ${definition.type} parameter cannot be about ${types}.`)
        }
      }
      return { kind: 'steps', program }
    },
    component(node, type, base) {
      const program = compileExpression(node)
      const elements = linkProgram(definitions, type, base)
      if (program === undefined || elements.length === 0) return undefined
      const isExact = elements.every((element) =>
        program.every((branch) =>
          branch[0]?.[0] === 'root'
            ? stepsSayIt(definitions, type, branch.slice(1))
            : stepsSayIt(definitions, element.type, branch),
        ),
      )
      return isExact ? program : undefined
    },
  }
}

/** What one parameter may take of one resource: a thousand times what is usual. */
const SELECTION_MS = 1000

function tooLong(code: string, cause: unknown): FhirError {
  return new FhirError(
    'too-costly',
    `To find what search parameter '${code}' selects of this resource takes too long: its SearchParameter should be retired.`,
    { cause },
  )
}

/**
 * Whether a branch selects by steps what FHIRPath says it does.
 * @throws FhirError `invalid` when it names an element or a type that is not there
 */
function stepsSayIt(definitions: Definitions, start: string, branch: readonly Step[]): boolean {
  let done: readonly Step[] = []
  for (const step of branch) {
    const types = linkProgram(definitions, start, [done]).map((path) => path.type)
    // An inline resource may be of any type, and a primitive's own children stand beside it.
    if (types.some((type) => type === 'Resource' && type !== start)) return false
    if (step[0] === 'child' && (step[1] === 'extension' || step[1] === 'id')) {
      if (types.some((type) => definitions.type(type)?.kind === 'primitive')) return false
    }
    if (step[0] === 'equals' && !types.every((type) => comparesText(definitions, type, step[1]))) return false
    if (step[0] === 'resolves' && !types.every((type) => type === 'Reference')) return false
    if (done.length === 0 && (step[0] === 'resolves' || step[0] === 'equals' || step[0] === 'type'))
      return false
    done = [...done, step]
    if (linkProgram(definitions, start, [done]).length === 0) throw nothingThere(definitions, types, step)
  }
  return true
}

/** Whether a child is one text at most, so that it can be compared as it stands. */
function comparesText(definitions: Definitions, type: string, child: string): boolean {
  const property = definitions.type(type)?.properties.get(child)
  if (property === undefined || property.array || !property.primitive) return false
  return isA(definitions, property.type.code, 'string') || isA(definitions, property.type.code, 'uri')
}

function nothingThere(definitions: Definitions, types: readonly string[], step: Step): FhirError {
  const owner = [...new Set(types)].join(', ')
  if (step[0] === 'child') return new FhirError('invalid', `${owner} has no element '${step[1]}'.`)
  const name = String(step[1])
  return definitions.type(name) === undefined
    ? new FhirError('invalid', `R4 has no type '${name}'.`)
    : new FhirError('invalid', `Nothing of ${owner} is a ${name}.`)
}

/**
 * As the engine is to evaluate it: `resolve() is T` by what the resource tells itself, and `as` for every value,
 * as search parameters mean it, while FHIRPath has it for one.
 * @throws FhirError `invalid` for functions that need more than the resource
 */
function forEngine(node: FhirPathNode): FhirPathNode {
  const wanted = resolvedType(node)
  if (wanted !== undefined) {
    return { kind: 'call', input: undefined, name: REFERS_TO, args: [{ kind: 'string', value: wanted }] }
  }
  switch (node.kind) {
    case 'call':
      if (NOT_FROM_THE_RESOURCE.has(node.name)) {
        const right = node.name === 'resolve' ? ", except in 'where(resolve() is Patient)'" : ''
        throw new FhirError('invalid', `${node.name}() cannot be used in a search parameter${right}.`)
      }
      return { ...node, input: node.input && forEngine(node.input), args: node.args.map(forEngine) }
    case 'type':
      return {
        ...node,
        operator: node.operator === 'is' ? 'is' : 'ofType',
        input: node.input && forEngine(node.input),
      }
    case 'member':
      return { ...node, input: node.input && forEngine(node.input) }
    case 'indexer':
      return { ...node, input: forEngine(node.input), index: forEngine(node.index) }
    case 'unary':
      return { ...node, operand: forEngine(node.operand) }
    case 'binary':
      return { ...node, left: forEngine(node.left), right: forEngine(node.right) }
    default:
      return node
  }
}
