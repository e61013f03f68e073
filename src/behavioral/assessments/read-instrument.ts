// A Questionnaire to an Instrument: what can be scored is read whole, and what is wrong with it is told at once.
import {
  collectFaults,
  extensionPartsOf,
  extensionsOf,
  extensionValueOf,
  type Faults,
  type JsonObject,
  oneOfCodes,
  type Resource,
} from '../../fhir/index.ts'
import { QUESTIONNAIRE_ALIAS } from '../../search/index.ts'
import { codingsOf } from './coding.ts'
import { readEnabling } from './enable-when.ts'
import { ALWAYS_KNOWN, type Evaluators, type Formula } from './formula.ts'
import type { Frequency, Instrument } from './instrument.ts'
import { itemsOf } from './items.ts'
import { readAlerts } from './read-alerts.ts'
import { BASES } from './read-changes.ts'
import { namesOf, readQuestions } from './read-questions.ts'
import { isScoreItem, readScores } from './read-scores.ts'
import { ALERT, FREQUENCY } from './urls.ts'
import { readVariables } from './variables.ts'

/** Items of a Questionnaire that scores: far more than any instrument has. */
const MOST_ITEMS = 10_000

/**
 * Reads a Questionnaire that has scores (items with the extension assessment-score) or alerts; undefined for others.
 * @throws FhirError `invalid` with an issue for each fault, at its element
 */
export function readInstrument(questionnaire: Resource, evaluators: Evaluators): Instrument | undefined {
  const faults = collectFaults()
  const items = itemsOf(questionnaire, faults)
  const scoreItems = [...items.values()].filter(isScoreItem)
  const hasAlerts = extensionsOf(questionnaire, 'Questionnaire', ALERT).length > 0
  if (scoreItems.length === 0 && !hasAlerts) return undefined
  if (items.size > MOST_ITEMS) {
    faults.add('Questionnaire', `one that scores may have ${MOST_ITEMS} items`, 'too-costly')
    faults.throwIfAny()
  }

  const { url, version, title, name } = questionnaire
  if (typeof url !== 'string' || url === '')
    faults.add('Questionnaire', 'it needs a url, by which responses name it', 'required')
  const scoreIds = new Set(scoreItems.map(({ linkId }) => linkId))
  const questions = readQuestions(items, (linkId) => scoreIds.has(linkId), questionnaire, faults)
  const variables = readVariables(questionnaire, evaluators, faults)
  const known = new Set([...ALWAYS_KNOWN, ...variables.map((variable) => variable.name)])
  const enabling = readEnabling(items, new Set(known), evaluators, faults)
  const scores = readScores(scoreItems, questions, known, evaluators, faults)
  const alerts = readAlerts(questionnaire, known, evaluators, faults)
  const aliases = extensionsOf(questionnaire, 'Questionnaire', QUESTIONNAIRE_ALIAS).flatMap(
    (it) => extensionValueOf(it, 'canonical', faults)?.value ?? [],
  )
  const instrument: Instrument = {
    questionnaire,
    url: url as string,
    version: typeof version === 'string' ? version : undefined,
    title: [title, name, url].find((it) => typeof it === 'string') ?? '',
    codes: codingsOf(questionnaire['code']),
    questions,
    scores,
    alerts,
    frequency: readFrequency(questionnaire, faults),
    aliases,
    needsPatient: [
      ...variables.map(({ formula }) => formula),
      ...scores.flatMap(({ formula, positive, bands }) => [
        formula,
        positive,
        ...bands.map(({ when }) => when),
      ]),
      ...alerts.map(({ when }) => when),
      ...[...enabling.conditions.values()].map(({ formula }) => formula),
    ].some(asksForPatient),
    items,
    itemsByName: namesOf(items, faults),
    enabling,
    variables,
  }
  faults.throwIfAny()
  return instrument
}

function asksForPatient(formula: Formula | undefined): boolean {
  return formula?.names.has('patient') ?? false
}

const UNITS: readonly Frequency['unit'][] = ['d', 'wk', 'mo', 'a']

function readFrequency(questionnaire: Resource, faults: Faults): Frequency | undefined {
  const [extension, second] = extensionsOf(questionnaire, 'Questionnaire', FREQUENCY)
  if (extension === undefined) return undefined
  if (second !== undefined) faults.add(second.element, 'it may be there once', 'duplicate')
  const parts = extensionPartsOf(extension, { every: 'Duration', basis: 'code' }, faults)
  const [every, basis] = [parts.one('every'), oneOfCodes(parts.one('basis'), BASES, faults)]
  const span = every && readSpan(every.value)
  if (span === undefined)
    faults.add(
      every?.element ?? extension.element,
      `'every' needs a value, and a UCUM code: ${UNITS.join(', ')}`,
    )
  if (parts.all('basis').length === 0) faults.add(extension.element, "it needs a 'basis'", 'required')
  return span && basis && { ...span, basis }
}

function readSpan({ value, code }: JsonObject): Pick<Frequency, 'every' | 'unit'> | undefined {
  const unit = UNITS.find((it) => it === code)
  return typeof value === 'number' && value > 0 && unit !== undefined ? { every: value, unit } : undefined
}
