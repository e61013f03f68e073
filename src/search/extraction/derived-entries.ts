// What modifiers ask for beside a parameter's plain values (https://hl7.org/fhir/R4/search.html#modifiers).
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type SearchParameterDefinition,
} from '../../fhir/index.ts'
import { identifierOf, mimeTypeOf, ofTypeOf, textOf } from '../derived-parameters.ts'
import { foldString } from '../fold-string.ts'
import { isMimeType, mimeTypeAlone } from '../mime-type.ts'
import type { AddEntry, EntryMaker, ValueType } from './entry-maker.ts'

/** `:text`, `:of-type` and mime types' `:below` of tokens, `:identifier` of references; undefined for values that have none of them. */
export function derivedEntryMaker(
  { code, type }: SearchParameterDefinition,
  values: ValueType,
): EntryMaker | undefined {
  const valueType = values.type
  if (type === 'reference' && valueType === 'Reference') return referredIdentifier(identifierOf(code))
  if (type !== 'token') return undefined
  if (isMimeType(values)) {
    const param = mimeTypeOf(code)
    return (value, add) => {
      if (typeof value === 'string') addToken(param, undefined, mimeTypeAlone(value), add)
    }
  }
  switch (valueType) {
    case 'CodeableConcept':
      return conceptText(textOf(code))
    case 'Coding': {
      const param = textOf(code)
      return (value, add) => {
        if (isJsonObject(value)) addText(param, value.display, add)
      }
    }
    case 'Identifier':
      return identifierParts(textOf(code), ofTypeOf(code))
    default:
      return undefined
  }
}

function conceptText(param: string): EntryMaker {
  return (value, add) => {
    if (!isJsonObject(value)) return
    const { text, coding } = value
    addText(param, text, add)
    if (!Array.isArray(coding)) return
    for (const item of coding) {
      // Often the one repeats the other.
      if (isJsonObject(item) && item.display !== text) addText(param, item.display, add)
    }
  }
}

function identifierParts(text: string, ofType: string): EntryMaker {
  return (value, add) => {
    if (!isJsonObject(value) || !isJsonObject(value.type)) return
    const { type } = value
    addText(text, type.text, add)
    if (typeof value.value !== 'string' || !Array.isArray(type.coding)) return
    for (const coding of type.coding) {
      if (!isJsonObject(coding) || typeof coding.code !== 'string') continue
      addToken(ofType, coding.system, `${coding.code}|${value.value}`, add)
    }
  }
}

function referredIdentifier(param: string): EntryMaker {
  return (value, add) => {
    const identifier: JsonValue | undefined = (value as JsonObject | null)?.identifier
    if (isJsonObject(identifier)) addToken(param, identifier.system, identifier.value, add)
  }
}

function addToken(
  param: string,
  system: JsonValue | undefined,
  code: JsonValue | undefined,
  add: AddEntry,
): void {
  if (typeof code !== 'string' || code === '') return
  add({ kind: 'token', param, system: typeof system === 'string' ? system : '', code })
}

/** Nobody asks for such a text as it was written, so texts that fold alike are one. */
function addText(param: string, text: JsonValue | undefined, add: AddEntry): void {
  if (typeof text !== 'string') return
  const folded = foldString(text)
  if (folded !== '') add({ kind: 'string', param, folded, exact: folded })
}
