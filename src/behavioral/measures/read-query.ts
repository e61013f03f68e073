// A variable that is a search: `Type?parameter=value`, with FHIRPath in `{{ }}`
// (https://hl7.org/fhir/uv/sdc/STU3/expressions.html#x-fhir-query-enhancements).
import type { JsonObject } from '../../fhir/index.ts'
import { readCriteria } from './criteria.ts'
import type { QueryVariable } from './measure.ts'
import type { MeasureParts } from './read-measure.ts'
import { refusedMeasure } from './refused-measure.ts'

const PATIENT = '%patient.id'

/** What stands in braces may look up no more: it is the same for every patient. */
const PERIOD = 'measurementPeriod'

/** Braces as they stand while the query is taken apart: with an index in them. */
const BRACES = /\{\{(\d+)\}\}/
const PATIENT_IN_BRACES = /^(?:Patient\/)?\{\{(\d+)\}\}$/

interface QueryParts extends MeasureParts {
  readonly name: string
  readonly path: string
}

/** @throws FhirError `business-rule` that names the element */
export function readQuery({ expression }: JsonObject, parts: QueryParts): Omit<QueryVariable, 'isRequired'> {
  const { name, path, definitions, prepare } = parts
  if (typeof expression !== 'string') throw refusedMeasure(path, 'There must be an expression.')
  const { marked, inBraces } = withoutBraces(expression)
  const [type = '', query = ''] = marked.split(/\?(.*)/s)
  if (!definitions.isResourceType(type) || type === 'Patient')
    throw refusedMeasure(
      path,
      'A query begins with a resource type other than Patient, such as Observation?code=1.',
    )
  const pairs = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => pair.split(/=(.*)/s))

  const ofPatient = pairs.filter(
    ([, value = '']) => inBraces[Number(PATIENT_IN_BRACES.exec(value)?.[1])] === PATIENT,
  )
  const [own] = ofPatient
  if (own === undefined || ofPatient.length > 1)
    throw refusedMeasure(
      path,
      `A query needs one parameter that leads to the patient, such as patient={{${PATIENT}}}.`,
    )
  const parameters = pairs
    .filter((pair) => pair !== own)
    .map(([parameter = '', value = '']) => ({
      name: decoded(parameter),
      value: value.split(BRACES).map((piece, at) => {
        if (at % 2 === 0) return decoded(piece)
        const criteria = readCriteria(inBraces[Number(piece)] as string, path, prepare)
        if (criteria.names.every((it) => it === PERIOD)) return criteria
        throw refusedMeasure(path, `In braces there may be ${PATIENT}, or what is computed from %${PERIOD}.`)
      }),
    }))
  return { kind: 'query', name, path, type, patientParameter: decoded(own[0] ?? ''), parameters }

  function decoded(text: string): string {
    try {
      return decodeURIComponent(text)
    } catch {
      throw refusedMeasure(path, 'The query is not percent-encoded as it should be.')
    }
  }
}

function withoutBraces(text: string): { readonly marked: string; readonly inBraces: readonly string[] } {
  const inBraces: string[] = []
  let marked = ''
  let from = 0
  for (;;) {
    const open = text.indexOf('{{', from)
    const close = open < 0 ? -1 : text.indexOf('}}', open)
    if (close < 0) return { marked: marked + text.slice(from), inBraces }
    const index = inBraces.push(text.slice(open + 2, close).trim()) - 1
    marked += `${text.slice(from, open)}{{${index}}}`
    from = close + 2
  }
}
