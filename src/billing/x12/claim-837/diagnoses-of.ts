// The diagnoses of a FHIR Claim in the order of an 837.
import type { JsonObject, Resource } from '../../../fhir/index.ts'
import { x12Code } from '../characters.ts'
import { required, unwritable } from '../fault.ts'
import { DIAGNOSIS_TYPES } from './claim-bundle.ts'
import { SYSTEMS } from '../../systems.ts'
import type { ClaimKind, Diagnosis } from './content.ts'
import { codeIn, hasCode, objectAt, objectsAt } from '../../elements.ts'

/** The most of each kind; a professional claim has a principal one and eleven others. */
export const MOST_DIAGNOSES: Readonly<Record<ClaimKind, Readonly<Record<Diagnosis['kind'], number>>>> = {
  professional: { principal: 1, other: 11, admitting: 0, reason: 0, 'external-cause': 0 },
  institutional: { principal: 1, other: 24, admitting: 1, reason: 3, 'external-cause': 12 },
}

/** In the order in which they are written, and the position of each `Claim.diagnosis.sequence` among them, from 1. */
export function diagnosesOf(
  claim: Resource,
  kind: ClaimKind,
): { readonly diagnoses: readonly Diagnosis[]; readonly positions: ReadonlyMap<number, number> } {
  const read = objectsAt(claim, 'diagnosis').map((one, index) => diagnosisOf(one, index, kind))
  const order = Object.keys(MOST_DIAGNOSES[kind]) as Diagnosis['kind'][]
  if (kind === 'institutional')
    order.splice(0, order.length, 'principal', 'admitting', 'reason', 'external-cause', 'other')
  for (const which of order) {
    const most = MOST_DIAGNOSES[kind][which]
    if (read.filter(({ diagnosis }) => diagnosis.kind === which).length > most)
      throw unwritable('Claim.diagnosis', `may have no more than ${most} of the kind ${which}`)
  }
  const sorted = order.flatMap((which) => read.filter(({ diagnosis }) => diagnosis.kind === which))
  if (sorted[0]?.diagnosis.kind !== 'principal')
    throw unwritable('Claim.diagnosis', 'must have one of type principal')
  return {
    diagnoses: sorted.map(({ diagnosis }) => diagnosis),
    positions: new Map(sorted.map(({ sequence }, index) => [sequence, index + 1])),
  }
}

function diagnosisOf(one: JsonObject, index: number, kind: ClaimKind) {
  const expression = `Claim.diagnosis[${index}]`
  const types = objectsAt(one, 'type')
  const type = (Object.keys(DIAGNOSIS_TYPES) as (keyof typeof DIAGNOSIS_TYPES)[]).find((code) =>
    types.some((concept) => hasCode(concept, code)),
  )
  if (types.length > 0 && type === undefined)
    throw unwritable(`${expression}.type`, `must be one of ${Object.keys(DIAGNOSIS_TYPES).join(', ')}`)
  const code = codeIn(objectAt(one, 'diagnosisCodeableConcept'), SYSTEMS.icd10cm)
  const which = type === undefined ? (index === 0 ? 'principal' : 'other') : DIAGNOSIS_TYPES[type]
  const told = kind === 'institutional' && which !== 'admitting' && which !== 'reason'
  const poa = told ? codeIn(objectAt(one, 'onAdmission'), SYSTEMS.presentOnAdmission) : undefined
  const diagnosis: Diagnosis = {
    kind: which,
    code: x12Code(
      required(code, expression, 'must be coded in ICD-10-CM').replace('.', '').toUpperCase(),
      7,
      expression,
    ),
    ...(poa === undefined ? {} : { presentOnAdmission: x12Code(poa, 1, `${expression}.onAdmission`) }),
  }
  return { sequence: Number(one.sequence), diagnosis }
}
