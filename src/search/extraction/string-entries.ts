// Values under string parameters (https://hl7.org/fhir/R4/search.html#string).
import { isJsonObject, type JsonValue } from '../../fhir/index.ts'
import { foldString } from '../fold-string.ts'
import { soundsOf } from '../phonetic.ts'
import type { AddEntry, EntryMaker } from './entry-maker.ts'

/** The string fields of the complex types; each is an entry of its own. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  HumanName: ['family', 'given', 'prefix', 'suffix', 'text'],
  Address: ['line', 'city', 'district', 'state', 'country', 'postalCode', 'text'],
}

/** R4's own parameters are about the first two alone. */
const PLAIN: ReadonlySet<string> = new Set([
  'string',
  'markdown',
  'code',
  'id',
  'uri',
  'url',
  'canonical',
  'oid',
  'uuid',
])

export function stringEntryMaker(param: string, type: string): EntryMaker | undefined {
  const addText = (value: JsonValue | undefined, add: AddEntry) => {
    if (typeof value !== 'string') return
    const folded = foldString(value)
    if (folded !== '') add({ kind: 'string', param, folded, exact: value })
  }
  const parts = PARTS[type]
  if (parts !== undefined) {
    return (value, add) => {
      if (!isJsonObject(value)) return
      for (const part of parts) {
        const text = value[part]
        if (Array.isArray(text)) for (const item of text) addText(item, add)
        else addText(text, add)
      }
    }
  }
  return PLAIN.has(type) ? addText : undefined
}

/** Under `phonetic` parameters: how the parts of a name sound, titles aside. */
export function phoneticEntryMaker(param: string, type: string): EntryMaker | undefined {
  const addSounds = (value: JsonValue | undefined, add: AddEntry) => {
    if (typeof value !== 'string') return
    for (const sound of soundsOf(value)) add({ kind: 'string', param, folded: sound, exact: sound })
  }
  if (type === 'string') return addSounds
  if (type !== 'HumanName') return undefined
  return (value, add) => {
    if (!isJsonObject(value)) return
    addSounds(value.family, add)
    if (Array.isArray(value.given)) for (const given of value.given) addSounds(given, add)
    addSounds(value.text, add)
  }
}
