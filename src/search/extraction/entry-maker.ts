// Which index entries a value gives, by the parameter's type and the value's (https://hl7.org/fhir/R4/search.html#ptypes).
import type { Definitions, JsonValue, SearchParameterDefinition } from '../../fhir/index.ts'
import type { IndexEntry } from '../../store/index.ts'
import { isPhonetic } from '../phonetic.ts'
import { dateEntryMaker } from './date-entries.ts'
import { numberEntryMaker } from './number-entries.ts'
import { positionEntryMaker } from './position-entries.ts'
import { quantityEntryMaker } from './quantity-entries.ts'
import { referenceEntryMaker } from './reference-entries.ts'
import { phoneticEntryMaker, stringEntryMaker } from './string-entries.ts'
import { tokenEntryMaker } from './token-entries.ts'
import { uriEntryMaker } from './uri-entries.ts'

export type AddEntry = (entry: IndexEntry) => void

/** Adds the entries of one value; none for a value that is not of its type, nor for null. */
export type EntryMaker = (value: JsonValue, add: AddEntry) => void

/** What is known of values ahead: their FHIR type and, for codes, the value set that they must be from. */
export interface ValueType {
  readonly type: string
  readonly valueSet: string | undefined
}

export interface EntryMakerParts {
  readonly definitions: Definitions
  readonly baseUrl: string
}

/** undefined where R4 lets such a value count for nothing, such as a string under a date parameter. */
export function entryMaker(
  definition: SearchParameterDefinition,
  values: ValueType,
  { definitions, baseUrl }: EntryMakerParts,
): EntryMaker | undefined {
  const { code, type, targets } = definition
  switch (type) {
    case 'string':
      return isPhonetic(definition)
        ? phoneticEntryMaker(code, values.type)
        : stringEntryMaker(code, values.type)
    case 'token':
      return tokenEntryMaker(code, values, definitions)
    case 'reference':
      return referenceEntryMaker(code, values.type, targets, baseUrl)
    case 'date':
      return dateEntryMaker(code, values.type)
    case 'number':
      return numberEntryMaker(code, values.type)
    case 'quantity':
      return quantityEntryMaker(code, values.type)
    case 'uri':
      return uriEntryMaker(code, values.type)
    case 'special':
      return positionEntryMaker(code, values.type)
    case 'composite':
      return undefined
  }
}
