// Which index entries a value gives, by the parameter's type and the value's (https://hl7.org/fhir/R4/search.html#ptypes).
import type { Definitions, JsonValue, SearchParameterDefinition } from '../../fhir/index.ts'
import type { IndexEntry } from '../../store/index.ts'
import { dateEntryMaker } from './date-entries.ts'
import { numberEntryMaker } from './number-entries.ts'
import type { ValuePath } from './paths.ts'
import { quantityEntryMaker } from './quantity-entries.ts'
import { referenceEntryMaker } from './reference-entries.ts'
import { stringEntryMaker } from './string-entries.ts'
import { tokenEntryMaker } from './token-entries.ts'
import { uriEntryMaker } from './uri-entries.ts'

export type AddEntry = (entry: IndexEntry) => void

/** Adds the entries of one value; none for a value that is not of its type. */
export type EntryMaker = (value: JsonValue, add: AddEntry) => void

export interface EntryMakerParts {
  readonly definitions: Definitions
  readonly baseUrl: string
}

/** undefined where R4 lets such a value count for nothing, such as a string under a date parameter. */
export function entryMaker(
  { code, type, targets }: SearchParameterDefinition,
  path: ValuePath,
  { definitions, baseUrl }: EntryMakerParts,
): EntryMaker | undefined {
  switch (type) {
    case 'string':
      return stringEntryMaker(code, path.type)
    case 'token':
      return tokenEntryMaker(code, path, definitions)
    case 'reference':
      return referenceEntryMaker(code, path.type, targets, baseUrl)
    case 'date':
      return dateEntryMaker(code, path.type)
    case 'number':
      return numberEntryMaker(code, path.type)
    case 'quantity':
      return quantityEntryMaker(code, path.type)
    case 'uri':
      return uriEntryMaker(code, path.type)
    case 'composite':
    case 'special':
      return undefined
  }
}
