// From what an 837 tells of a claim to a FHIR Claim and the resources around it.
import { setDecimalText, type JsonObject, type Resource } from '../../../fhir/index.ts'
import { fhirMoney, setMoneyAt } from '../../money.ts'
import { CARE_TEAM_ROLES, DIAGNOSIS_TYPES, LINE_CONTROL_NUMBER, type ClaimBundle } from './claim-bundle.ts'
import { SYSTEMS } from '../../systems.ts'
import type { BillingProvider, ClaimContent, Diagnosis, Line, Provider } from './content.ts'
import {
  billingProviderResource,
  coverageResource,
  facilityResource,
  payerResource,
  personResource,
  providerResource,
} from './resources-of.ts'

export interface ToldElsewhere {
  /** `Claim.created`: an 837 tells the day of sending in its header alone. */
  readonly created: string
  /** `identifier.system` of the control numbers of claims. */
  readonly controlNumberSystem: string
  /** The zone of the clock times of admission and discharge, such as `-05:00`; an 837 tells none. */
  readonly zone: string
}

/**
 * The claim with ids of its own for the resources around it (`patient`, `coverage`, `payer`, ...). What an 837 does not
 * tell (prices per unit, displays of codes, places of institutional lines) is not there. `contentOf` of it is `content`
 * again.
 */
export function bundleOf(content: ClaimContent, elsewhere: ToldElsewhere): ClaimBundle {
  const { subscriber, dependent, facility } = content
  const team = careTeamOf(content)
  return {
    claim: claimResource(content, team, elsewhere),
    patient: personResource('Patient', 'patient', dependent ?? subscriber),
    ...(dependent === undefined
      ? {}
      : { subscriber: personResource('RelatedPerson', 'subscriber', subscriber) }),
    coverage: coverageResource(content),
    payer: payerResource(content.payer),
    billingProvider: billingProviderResource(content.billingProvider),
    ...(facility === undefined ? {} : { facility: facilityResource(facility) }),
    careTeam: Object.fromEntries(
      team.map(({ provider }, index) => [index + 1, providerResource(`care-team-${index + 1}`, provider)]),
    ),
    terms: {
      assignment: content.assignment,
      release: content.release,
      signature: content.signature !== 'N',
    },
  }
}

interface TeamMember {
  readonly code: string
  readonly provider: Provider
  /** The line whose own rendering provider this is. */
  readonly line?: Line
}

/** The claim's providers, then those of lines. Where only lines name one, the billing provider renders the rest. */
function careTeamOf({ providers, lines, billingProvider }: ClaimContent): readonly TeamMember[] {
  const team: TeamMember[] = []
  const codes = Object.entries(CARE_TEAM_ROLES)
  for (const [code, role] of codes) {
    const provider = providers[role]
    if (provider !== undefined) team.push({ code, provider })
  }
  const ofLines = lines.filter((line) => line.rendering !== undefined)
  if (ofLines.length > 0 && providers['82'] === undefined)
    team.push({ code: 'rendering', provider: renderingSelf(billingProvider) })
  for (const line of ofLines) team.push({ code: 'rendering', provider: line.rendering as Provider, line })
  return team
}

function renderingSelf(billing: BillingProvider): Provider {
  const { address: _, taxId: __, ...provider } = billing
  return provider
}

function claimResource(
  content: ClaimContent,
  team: readonly TeamMember[],
  { created, controlNumberSystem, zone }: ToldElsewhere,
): Resource {
  const { kind, lines, diagnoses, procedures, referral, original, authorization } = content
  return {
    resourceType: 'Claim',
    id: 'claim',
    identifier: [
      {
        type: concept(SYSTEMS.identifierType, 'PLAC'),
        system: controlNumberSystem,
        value: content.controlNumber,
      },
    ],
    status: 'active',
    type: concept(SYSTEMS.claimType, kind),
    use: 'claim',
    patient: { reference: 'Patient/patient' },
    billablePeriod: periodOf(content),
    created,
    insurer: { reference: 'Organization/payer' },
    provider: {
      reference: `${content.billingProvider.person ? 'Practitioner' : 'Organization'}/billing-provider`,
    },
    priority: concept(SYSTEMS.priority, 'normal'),
    ...(original === undefined
      ? {}
      : {
          related: [{ relationship: concept(SYSTEMS.relatedClaim, 'prior'), reference: { value: original } }],
        }),
    payee: { type: concept(SYSTEMS.payee, content.benefits === 'Y' ? 'provider' : 'subscriber') },
    ...(referral === undefined ? {} : { referral: { identifier: { value: referral } } }),
    ...(content.facility === undefined ? {} : { facility: { reference: 'Location/facility' } }),
    ...(team.length === 0
      ? {}
      : {
          careTeam: team.map(({ code, provider }, index) => ({
            sequence: index + 1,
            provider: {
              reference: `${provider.person ? 'Practitioner' : 'Organization'}/care-team-${index + 1}`,
            },
            role: concept(SYSTEMS.careTeamRole, code),
            ...(provider.taxonomy === undefined
              ? {}
              : { qualification: concept(SYSTEMS.nucc, provider.taxonomy) }),
          })),
        }),
    supportingInfo: informationOf(content, zone).map((one, index) => ({ sequence: index + 1, ...one })),
    diagnosis: diagnoses.map(diagnosisElement),
    ...(procedures.length === 0
      ? {}
      : {
          procedure: procedures.map(({ principal, code, date }, index) => ({
            sequence: index + 1,
            type: [concept(SYSTEMS.procedureType, principal ? 'primary' : 'secondary')],
            date,
            procedureCodeableConcept: concept(SYSTEMS.icd10pcs, code),
          })),
        }),
    insurance: [
      {
        sequence: 'PSTABCDEFGH'.indexOf(content.subscriber.responsibility) + 1,
        focal: true,
        coverage: { reference: 'Coverage/coverage' },
        ...(authorization === undefined ? {} : { preAuthRef: [authorization] }),
      },
    ],
    item: lines.map((line, index) => itemElement(content, line, index, team)),
    total: fhirMoney(content.total),
  }
}

function concept(system: string, ...codes: readonly string[]): JsonObject {
  return { coding: codes.map((code) => ({ system, code })) }
}

function periodOf({ statement, lines }: ClaimContent): JsonObject {
  if (statement !== undefined) return { ...statement }
  const starts = lines.flatMap((line) => line.serviced?.start ?? []).toSorted()
  const ends = lines.flatMap((line) => line.serviced?.end ?? []).toSorted()
  return { start: starts[0], end: ends.at(-1) }
}

function informationOf(content: ClaimContent, zone: string): readonly JsonObject[] {
  const { kind, place, frequency, onset, note, medicalRecord, drg } = content
  const coded = (categories: string, category: string, system: string, code: string | undefined) =>
    code === undefined ? [] : [{ category: concept(categories, category), code: concept(system, code) }]
  const { information, informationPct: pct, informationCarin: carin } = SYSTEMS
  return [
    ...(kind === 'professional'
      ? coded(pct, 'claimFrequency', SYSTEMS.typeOfBill, frequency)
      : coded(pct, 'typeofbill', SYSTEMS.typeOfBill, `0${place}${frequency}`)),
    ...(onset === undefined ? [] : [{ category: concept(information, 'onset'), timingDate: onset }]),
    ...stayOf(content, zone),
    ...coded(pct, 'admtype', SYSTEMS.admissionType, content.admissionType),
    ...coded(pct, 'pointoforigin', SYSTEMS.pointOfOrigin, content.pointOfOrigin),
    ...coded(carin, 'discharge-status', SYSTEMS.dischargeStatus, content.dischargeStatus),
    ...content.attachments.map(({ type, transmission, control }) => ({
      category: concept(information, 'attachment'),
      code: {
        coding: [
          { system: SYSTEMS.attachmentType, code: type },
          { system: SYSTEMS.attachmentTransmission, code: transmission },
        ],
      },
      ...(control === undefined ? {} : { valueReference: { identifier: { value: control } } }),
    })),
    ...(medicalRecord === undefined
      ? []
      : [{ category: concept(carin, 'medicalrecordnumber'), valueString: medicalRecord }]),
    ...(note === undefined
      ? []
      : [
          {
            category: concept(information, 'info'),
            code: concept(SYSTEMS.noteType, note.code),
            valueString: note.text,
          },
        ]),
    ...coded(carin, 'drg', SYSTEMS.drg, drg),
    ...content.values.map(({ code, amount }) => {
      const valueQuantity: JsonObject = {}
      setMoneyAt(valueQuantity, 'value', amount)
      return { category: concept(information, 'info'), code: concept(SYSTEMS.value, code), valueQuantity }
    }),
    ...content.conditions.flatMap((code) => coded(information, 'info', SYSTEMS.condition, code)),
  ]
}

/** An institutional claim tells the hour of discharge; its day is the last of the statement. */
function stayOf(
  { kind, admission, discharge, statement }: ClaimContent,
  zone: string,
): readonly JsonObject[] {
  if (admission === undefined && discharge === undefined) return []
  const start = admission?.includes('T') === true ? `${admission}:00${zone}` : admission
  const end =
    kind === 'institutional' && discharge !== undefined
      ? `${statement?.end}T${discharge}:00${zone}`
      : discharge
  const timingPeriod = { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) }
  return [{ category: concept(SYSTEMS.informationCarin, 'admissionperiod'), timingPeriod }]
}

function diagnosisElement(diagnosis: Diagnosis, index: number): JsonObject {
  const { kind, code, presentOnAdmission } = diagnosis
  const type = Object.entries(DIAGNOSIS_TYPES).find(([, one]) => one === kind)?.[0] as string
  const dotted = code.length > 3 ? `${code.slice(0, 3)}.${code.slice(3)}` : code
  return {
    sequence: index + 1,
    diagnosisCodeableConcept: concept(SYSTEMS.icd10cm, dotted),
    type: [concept(SYSTEMS.diagnosisType, type)],
    ...(presentOnAdmission === undefined
      ? {}
      : { onAdmission: concept(SYSTEMS.presentOnAdmission, presentOnAdmission) }),
  }
}

function itemElement(
  content: ClaimContent,
  line: Line,
  index: number,
  team: readonly TeamMember[],
): JsonObject {
  const { serviced, controlNumber, drug } = line
  const rendering = team.findIndex((member) => member.line === line)
  return {
    ...(controlNumber === undefined
      ? {}
      : { extension: [{ url: LINE_CONTROL_NUMBER, valueIdentifier: { value: controlNumber } }] }),
    sequence: index + 1,
    ...(rendering < 0 ? {} : { careTeamSequence: [rendering + 1] }),
    ...(line.pointers.length === 0 ? {} : { diagnosisSequence: [...line.pointers] }),
    ...(line.revenue === undefined ? {} : { revenue: concept(SYSTEMS.revenue, line.revenue) }),
    productOrService: serviceConcept(line.code),
    ...(line.modifiers.length === 0 ? {} : { modifier: line.modifiers.map(modifierConcept) }),
    ...(serviced === undefined ? {} : servicedElement(serviced.start, serviced.end)),
    ...(content.kind === 'professional'
      ? { locationCodeableConcept: concept(SYSTEMS.place, line.place ?? content.place) }
      : {}),
    quantity: quantityElement(line.quantity, line.unit),
    net: fhirMoney(line.charge),
    ...(drug === undefined
      ? {}
      : {
          detail: [
            {
              sequence: 1,
              productOrService: concept(SYSTEMS.ndc, drug.ndc),
              quantity: quantityElement(drug.quantity, drug.unit),
            },
          ],
        }),
  }
}

/** HCPCS codes begin with a letter; CPT's five places begin with a digit. */
export function serviceConcept(code: string | undefined): JsonObject {
  if (code === undefined) return concept(SYSTEMS.dataAbsent, 'not-applicable')
  return concept(/^\d/.test(code) ? SYSTEMS.cpt : SYSTEMS.hcpcs, code)
}

export function modifierConcept(code: string): JsonObject {
  return concept(/^\d/.test(code) ? SYSTEMS.cpt : SYSTEMS.hcpcs, code)
}

function servicedElement(start: string, end: string): JsonObject {
  return start === end ? { servicedDate: start } : { servicedPeriod: { start, end } }
}

function quantityElement(text: string, unit: string): JsonObject {
  const quantity: JsonObject = { value: Number(text), unit }
  setDecimalText(quantity, 'value', text)
  return quantity
}
