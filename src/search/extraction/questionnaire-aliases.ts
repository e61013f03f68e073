// The canonicals by which responses name a Questionnaire beside its own url, so that it is found by them.
import { isJsonObject, type JsonObject } from '../../fhir/index.ts'
import { aliasOf } from '../derived-parameters.ts'
import type { AddEntry } from './entry-maker.ts'

/** The extension of a Questionnaire, with a valueCanonical, that says: this one reads responses to that one too. */
export const QUESTIONNAIRE_ALIAS = 'https://alcove.health/fhir/StructureDefinition/assessment-alias'

/** The parameter of the entries; no search by clients asks for it. */
export const QUESTIONNAIRE_ALIASES = aliasOf('url')

export function addQuestionnaireAliases({ extension }: JsonObject, add: AddEntry): void {
  if (!Array.isArray(extension)) return
  for (const it of extension) {
    if (!isJsonObject(it) || it.url !== QUESTIONNAIRE_ALIAS) continue
    const { valueCanonical } = it
    if (typeof valueCanonical === 'string' && valueCanonical !== '')
      add({ kind: 'uri', param: QUESTIONNAIRE_ALIASES, value: valueCanonical })
  }
}
