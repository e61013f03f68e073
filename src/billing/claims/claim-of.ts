// The Claim that a plan comes to (https://hl7.org/fhir/R4/claim.html).
import { formatInstant, type JsonObject, type Resource } from '../../fhir/index.ts'
import { madeId, madeIdentifier } from '../made.ts'
import { fhirMoney, sumMoney } from '../money.ts'
import { SYSTEMS } from '../systems.ts'
import { LINE_CONTROL_NUMBER } from '../x12/index.ts'
import type { CareTeamMember, ClaimPlan, PlannedDiagnosis, PlannedLine } from './claim-plan.ts'
import { controlNumberOf } from './control-number.ts'
import { BILLED_BY, BILLED_MINUTES, CLAIM_CONTROL_NUMBERS } from './urls.ts'

/** What a claim, and what is made with it, is made under. */
export interface MadeAs {
  /** As `madeName` makes it. */
  readonly name: string
  /** Of the ids that the name has, which one; 0 unless somebody has taken it. */
  readonly attempt?: number
  /** Milliseconds since 1970. */
  readonly now: number
}

/** As a draft, with an id. Amounts are exact, the total is the sum of the lines, and there is no free text in it. */
export function claimOf(plan: ClaimPlan, { name, attempt = 0, now }: MadeAs): Resource {
  const { parties, period, labels, authorizations, lines, related } = plan
  const control = controlNumberOf(name)
  return {
    resourceType: 'Claim',
    id: madeId(name, attempt),
    ...(labels.length === 0 ? {} : { meta: { security: [...labels] } }),
    identifier: [
      { type: coded(SYSTEMS.identifierType, 'PLAC'), system: CLAIM_CONTROL_NUMBERS, value: control },
      madeIdentifier(name),
    ],
    status: 'draft',
    type: coded(SYSTEMS.claimType, plan.type),
    use: 'claim',
    patient: referenceTo(parties.patient),
    billablePeriod: { ...period },
    created: formatInstant(now),
    insurer: referenceTo(parties.payer),
    provider: referenceTo(parties.provider),
    priority: coded(SYSTEMS.priority, 'normal'),
    ...(related === undefined ? {} : { related: [relatedOf(related)] }),
    payee: { type: coded(SYSTEMS.payee, 'provider') },
    ...(parties.facility === undefined ? {} : { facility: referenceTo(parties.facility) }),
    careTeam: parties.careTeam.map(memberOf),
    ...(plan.information.length === 0
      ? {}
      : { supportingInfo: plan.information.map((one, at) => ({ sequence: at + 1, ...one })) }),
    diagnosis: plan.diagnoses.map(diagnosisOf),
    insurance: [
      {
        sequence: 1,
        focal: true,
        coverage: referenceTo(parties.coverage),
        ...(authorizations.length === 0 ? {} : { preAuthRef: [...authorizations] }),
      },
    ],
    item: lines.map((line, at) => itemOf(line, at + 1, control)),
    total: fhirMoney(sumMoney(lines.map(({ net }) => net))),
  }
}

function referenceTo({ resourceType, id }: Resource): JsonObject {
  return { reference: `${resourceType}/${String(id)}` }
}

function coded(system: string, code: string): JsonObject {
  return { coding: [{ system, code }] }
}

function relatedOf({ claim, payerControlNumber }: NonNullable<ClaimPlan['related']>): JsonObject {
  return {
    claim: { reference: claim },
    relationship: coded(SYSTEMS.relatedClaim, 'prior'),
    reference: { value: payerControlNumber },
  }
}

function memberOf({ resource, role, taxonomy }: CareTeamMember, at: number): JsonObject {
  return {
    sequence: at + 1,
    provider: referenceTo(resource),
    ...(at === 0 ? { responsible: true } : {}),
    role: coded(SYSTEMS.careTeamRole, role),
    ...(taxonomy === undefined ? {} : { qualification: { coding: [{ ...taxonomy }] } }),
  }
}

function diagnosisOf({ code, type }: PlannedDiagnosis, at: number): JsonObject {
  return {
    sequence: at + 1,
    diagnosisCodeableConcept: { coding: [{ ...code }] },
    type: [coded(SYSTEMS.diagnosisType, type)],
  }
}

function itemOf(planned: PlannedLine, sequence: number, control: string): JsonObject {
  const { line, unitPrice, net, encounters, unit } = planned
  return {
    extension: [
      { url: LINE_CONTROL_NUMBER, valueIdentifier: { value: `${control}-${sequence}` } },
      { url: BILLED_BY, valueCanonical: line.rule },
      ...(line.minutes === undefined || line.minutes === 0
        ? []
        : [{ url: BILLED_MINUTES, valuePositiveInt: line.minutes }]),
    ],
    sequence,
    careTeamSequence: [...planned.careTeam],
    diagnosisSequence: [...planned.diagnoses],
    ...(line.revenue === undefined ? {} : { revenue: { coding: [{ ...line.revenue }] } }),
    productOrService: { coding: [{ ...line.code }] },
    ...(line.modifiers.length === 0
      ? {}
      : { modifier: line.modifiers.map((modifier) => ({ coding: [{ ...modifier }] })) }),
    servicedDate: planned.date,
    ...(line.place === undefined ? {} : { locationCodeableConcept: { coding: [{ ...line.place }] } }),
    quantity: { value: line.units, unit },
    unitPrice: fhirMoney(unitPrice),
    net: fhirMoney(net),
    ...(encounters.length === 0 ? {} : { encounter: encounters.map((reference) => ({ reference })) }),
  }
}
