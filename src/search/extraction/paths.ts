// Links a step program to one type: the JSON properties that lead to the values, and the values' types.
import type { Definitions, Property } from '../../fhir/index.ts'
import type { Program, Step } from '../steps.ts'

export type Condition = Extract<Step, readonly ['resolves' | 'equals', ...unknown[]]>

/** One property on the way; an array is entered item by item. */
export interface Segment {
  /** The JSON name: `valueQuantity`. */
  readonly key: string
  /** Whether `_key` may stand beside it or for it. */
  readonly sibling: boolean
  /** Only the item at this place. */
  readonly position: number | undefined
  /** What an item must meet to be entered. */
  readonly conditions: readonly Condition[]
}

export interface ValuePath {
  readonly segments: readonly Segment[]
  /** FHIR type of the values: `CodeableConcept`, `code`; for an inline resource `Resource`. */
  readonly type: string
  /** Value set that a code of it must be from, when the binding is required. */
  readonly valueSet: string | undefined
  /** Whether the values only say that something is there: the `present` step. */
  readonly present: boolean
  /** Whether it leads from the resource rather than from the element at hand: the `root` step. */
  readonly fromRoot: boolean
}

/**
 * The paths of all branches, every type of a choice element one path.
 * `type` is that of what the program starts from, `resourceType` that of the resource around it.
 */
export function linkProgram(
  definitions: Definitions,
  type: string,
  program: Program,
  resourceType = type,
): ValuePath[] {
  const start: ValuePath = { segments: [], type, valueSet: undefined, present: false, fromRoot: false }
  return program.flatMap((steps) =>
    steps.reduce(
      (paths, step) => paths.flatMap((path) => follow(definitions, path, step, resourceType)),
      [start],
    ),
  )
}

function follow(definitions: Definitions, path: ValuePath, step: Step, resourceType: string): ValuePath[] {
  switch (step[0]) {
    case 'root':
      return [{ ...path, type: resourceType, fromRoot: true }]
    case 'child':
      return children(definitions, path, step[1])
    case 'type':
      return isA(definitions, path.type, step[1]) ? [path] : []
    case 'index':
      return [withLast(path, (segment) => ({ ...segment, position: step[1] }))]
    case 'resolves':
    case 'equals':
      return [withLast(path, (segment) => ({ ...segment, conditions: [...segment.conditions, step] }))]
    case 'present':
      return [{ ...path, present: true }]
  }
}

/** The type itself, or one derived from it: a canonical is a uri. */
export function isA(definitions: Definitions, type: string | undefined, wanted: string): boolean {
  if (type === undefined) return false
  return type === wanted || isA(definitions, definitions.type(type)?.base, wanted)
}

/** `value` or, as it is often written though FHIRPath has no such name, `valueDateTime`. */
function children(definitions: Definitions, path: ValuePath, name: string): ValuePath[] {
  const properties: ReadonlyMap<string, Property> = definitions.type(path.type)?.properties ?? new Map()
  return [...properties]
    .filter(([key, property]) => property.element.name === name || key === name)
    .map(([key, { element, type, sibling }]) => ({
      ...path,
      segments: [...path.segments, { key, sibling, position: undefined, conditions: [] }],
      type: type.code,
      valueSet: element.binding?.strength === 'required' ? element.binding.valueSet : undefined,
    }))
}

function withLast(path: ValuePath, change: (segment: Segment) => Segment): ValuePath {
  const last = path.segments.at(-1)
  if (last === undefined) throw new Error('a condition on the resource itself')
  return { ...path, segments: [...path.segments.slice(0, -1), change(last)] }
}
