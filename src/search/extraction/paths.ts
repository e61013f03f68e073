// Links a step program to one resource type: the JSON properties that lead to the values, and the values' types.
import type { Definitions, TypeReference } from '../../fhir/index.ts'
import type { Program, Step } from '../steps.ts'

export type Condition = Extract<Step, readonly ['resolves' | 'equals', ...unknown[]]>

/** One property on the way; an array is entered item by item. */
export interface Segment {
  /** The JSON name: `valueQuantity`. */
  readonly key: string
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
}

/** The paths of all branches, every type of a choice element one path. */
export function linkProgram(definitions: Definitions, type: string, program: Program): ValuePath[] {
  return program.flatMap((steps) => {
    const start: ValuePath = { segments: [], type, valueSet: undefined, present: false }
    return steps.reduce((paths, step) => paths.flatMap((path) => follow(definitions, path, step)), [start])
  })
}

function follow(definitions: Definitions, path: ValuePath, step: Step): ValuePath[] {
  switch (step[0]) {
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
function isA(definitions: Definitions, type: string | undefined, wanted: string): boolean {
  if (type === undefined) return false
  return type === wanted || isA(definitions, definitions.type(type)?.base, wanted)
}

function children(definitions: Definitions, path: ValuePath, name: string): ValuePath[] {
  const properties = definitions.type(path.type)?.properties ?? new Map()
  return [...properties]
    .filter(([, property]) => property.element.name === name)
    .map(([key, { element, type }]: [string, { element: Bound; type: TypeReference }]) => ({
      segments: [...path.segments, { key, position: undefined, conditions: [] }],
      type: type.code,
      valueSet: element.binding?.strength === 'required' ? element.binding.valueSet : undefined,
      present: false,
    }))
}

interface Bound {
  readonly binding?: { readonly valueSet: string; readonly strength: string }
}

function withLast(path: ValuePath, change: (segment: Segment) => Segment): ValuePath {
  const last = path.segments.at(-1)
  if (last === undefined) throw new Error('a condition on the resource itself')
  return { ...path, segments: [...path.segments.slice(0, -1), change(last)] }
}
