// What a condition on resources of a type is compiled with.
import type { CompileContext } from './compile-expression.ts'
import type { Moment } from './moment.ts'
import { timeline, type Reading } from './versions.ts'
import type { AccessFilter } from '../access-filter.ts'

/** Undefined when nothing of the type was ever stored. */
export function contextFor(
  reading: Reading,
  typeName: string,
  access: AccessFilter,
  moment: Moment | undefined,
): CompileContext | undefined {
  const { statements, dictionary } = reading
  const type = dictionary.type(typeName)
  return type === undefined
    ? undefined
    : { type, typeName, dictionary, statements, access, moment, seqAt: timeline(reading) }
}
