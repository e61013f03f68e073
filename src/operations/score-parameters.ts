// The answer of $score: scores, alerts, what was found amiss, and the resources that follow as a transaction.
import type { AlertRule, Score, ScoredResponse } from '../behavioral/index.ts'
import { operationOutcome, type Resource } from '../fhir/index.ts'
import { group, parameters, text, type Parameter } from './answer-parameters.ts'

const INTERPRETATION = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation'

/** @param resources each with its id */
export function scoreParameters(scored: ScoredResponse, resources: readonly Resource[]): Resource {
  const { instrument, scores, alerts, warnings } = scored
  const { url, version } = instrument
  return parameters([
    ...text('questionnaire', 'Canonical', version === undefined ? url : `${url}|${version}`),
    ...scores.map(scoreOf),
    ...alerts.map(alertOf),
    ...(warnings.length === 0 ? [] : [{ name: 'issues', resource: operationOutcome(warnings) }]),
    ...(resources.length === 0 ? [] : [{ name: 'resources', resource: transactionOf(resources) }]),
  ])
}

function scoreOf({ rule, value, absentReason, missing, band, positive }: Score): Parameter {
  return group('score', [
    ...text('linkId', 'String', rule.linkId),
    ...rule.codes.map((code) => ({ name: 'code', valueCoding: code })),
    ...(value === undefined ? text('dataAbsentReason', 'Code', absentReason) : [valueOf(value)]),
    ...missing.flatMap((linkId) => text('missing', 'String', linkId)),
    ...text('band', 'String', band?.text),
    ...text('severity', 'Code', band?.severity),
    ...(positive === undefined ? [] : [interpretation(positive)]),
    ...decimal('lowest', rule.lowest),
    ...decimal('highest', rule.highest),
  ])
}

function valueOf(value: Exclude<Score['value'], undefined>): Parameter {
  if (typeof value === 'number') return { name: 'value', valueDecimal: value }
  if (typeof value === 'boolean') return { name: 'value', valueBoolean: value }
  return { name: 'value', valueCoding: value }
}

function interpretation(positive: boolean): Parameter {
  const [code, display] = positive ? ['POS', 'Positive'] : ['NEG', 'Negative']
  return { name: 'interpretation', valueCoding: { system: INTERPRETATION, code, display } }
}

function decimal(name: string, value: number | undefined): readonly Parameter[] {
  return value === undefined ? [] : [{ name, valueDecimal: value }]
}

function alertOf({ id, title, level, action, raisesFlag, priority }: AlertRule): Parameter {
  return group('alert', [
    { name: 'id', valueId: id },
    ...text('title', 'String', title),
    ...text('level', 'Code', level),
    ...text('action', 'String', action),
    { name: 'flag', valueBoolean: raisesFlag },
    ...text('priority', 'Code', priority),
  ])
}

function transactionOf(resources: readonly Resource[]): Resource {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${String(resource['id'])}` },
    })),
  }
}
