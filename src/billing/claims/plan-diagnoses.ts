// Which diagnoses a claim bills for, in their order: those that the visit names, else its active conditions, else its
// reasons.
import type { Issue, JsonObject, Resource } from '../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import { and, localReferenceMatch, searchQuery } from '../../store/index.ts'
import type { Icd10Cm } from '../diagnoses/index.ts'
import { codeIn, hasCode, objectAt, objectsAt, textAt } from '../elements.ts'
import { SYSTEMS } from '../systems.ts'
import { MOST_DIAGNOSES } from '../x12/index.ts'
import type { ClaimType, PlannedDiagnosis } from './claim-plan.ts'
import { problem } from './problems.ts'
import { referenced } from './references.ts'

/** Codes of http://terminology.hl7.org/CodeSystem/diagnosis-role, the first before the others. */
const ROLES = ['billing', 'DD', 'AD', 'CC', 'CM']
const MOST_CONDITIONS = 500
const ACTIVE = ['active', 'recurrence', 'relapse']
const RULED_OUT = ['refuted', 'entered-in-error']

export interface FoundDiagnosis {
  readonly condition: KnownVersion
  /** FHIRPath of what names it. */
  readonly element: string
}

export interface FoundDiagnoses {
  readonly found: readonly FoundDiagnosis[]
  readonly refusals: readonly Issue[]
}

/** In the order in which they are billed. Where the visit marks some as those to bill, only these. */
export async function diagnosesOfVisit(
  view: WorldView,
  encounter: Resource,
  patient: string,
  baseUrl: string,
): Promise<FoundDiagnoses> {
  const stated = objectsAt(encounter, 'diagnosis').map((diagnosis, at) => ({ diagnosis, at }))
  if (stated.length === 0) return unstated(view, encounter, patient, baseUrl)
  const marked = stated.filter(({ diagnosis }) => roleOf(diagnosis) === 0)
  const found: FoundDiagnosis[] = []
  const refusals: Issue[] = []
  for (const { diagnosis, at } of (marked.length > 0 ? marked : stated).toSorted(byUse)) {
    const element = `Encounter.diagnosis[${at}].condition`
    const condition = await referenced(view, objectAt(diagnosis, 'condition'), baseUrl, ['Condition'])
    // A procedure may be named as well: it is no diagnosis.
    if (condition !== undefined) found.push({ condition, element })
    else if (!/^(.*\/)?Procedure\//.test(textAt(objectAt(diagnosis, 'condition'), 'reference') ?? ''))
      refusals.push(problem('diagnosis-missing', element, 'It must be a Condition that is known here.'))
  }
  return { found, refusals }
}

/** Conditions that were recorded at the visit; where there are none those for which it took place. */
async function unstated(
  view: WorldView,
  encounter: Resource,
  patient: string,
  baseUrl: string,
): Promise<FoundDiagnoses> {
  const recorded = await conditionsOf(view, String(encounter['id']), patient)
  if (recorded.length > 0) return { found: recorded, refusals: [] }
  const found: FoundDiagnosis[] = []
  for (const [at, reason] of objectsAt(encounter, 'reasonReference').entries()) {
    const condition = await referenced(view, reason, baseUrl, ['Condition'])
    if (condition !== undefined) found.push({ condition, element: `Encounter.reasonReference[${at}]` })
  }
  return { found, refusals: [] }
}

interface Stated {
  readonly diagnosis: JsonObject
  readonly at: number
}

function byUse(one: Stated, other: Stated): number {
  return (
    roleOf(one.diagnosis) - roleOf(other.diagnosis) ||
    rankOf(one.diagnosis) - rankOf(other.diagnosis) ||
    one.at - other.at
  )
}

function roleOf(diagnosis: JsonObject): number {
  const at = ROLES.findIndex((role) => hasCode(objectAt(diagnosis, 'use'), role))
  return at === -1 ? ROLES.length : at
}

function rankOf({ rank }: JsonObject): number {
  return typeof rank === 'number' ? rank : Number.MAX_SAFE_INTEGER
}

/** Active ones that were recorded at this visit: diagnoses of the visit first, then the first recorded. */
async function conditionsOf(
  view: WorldView,
  encounterId: string,
  patient: string,
): Promise<readonly FoundDiagnosis[]> {
  const where = and([
    localReferenceMatch('encounter', ['Encounter'], encounterId),
    localReferenceMatch('subject', ['Patient'], patient.slice('Patient/'.length)),
  ])
  const all = await view.every(searchQuery({ type: 'Condition', where }), MOST_CONDITIONS)
  return all
    .filter(
      ({ resource }) =>
        ACTIVE.some((status) => hasCode(objectAt(resource, 'clinicalStatus'), status)) &&
        !isRuledOut(resource),
    )
    .toSorted((one, other) => (orderText(one.resource) < orderText(other.resource) ? -1 : 1))
    .map((condition) => ({ condition, element: 'Condition.code' }))
}

function orderText(condition: Resource): string {
  const ofVisit = objectsAt(condition, 'category').some((one) => hasCode(one, 'encounter-diagnosis'))
  return [ofVisit ? 0 : 1, textAt(condition, 'recordedDate') ?? '9', condition['id']].join('\n')
}

function isRuledOut(condition: Resource): boolean {
  return RULED_OUT.some((status) => hasCode(objectAt(condition, 'verificationStatus'), status))
}

export interface PlannedDiagnoses {
  readonly diagnoses: readonly PlannedDiagnosis[]
  readonly refusals: readonly Issue[]
  readonly warnings: readonly Issue[]
}

/**
 * Each code once, the first as the principal one; what is more than a claim has room for is left out with a warning.
 * @param date day of service, on which a code must be billable
 */
export function planDiagnoses(
  found: readonly FoundDiagnosis[],
  {
    date,
    type,
    list,
  }: { readonly date: string; readonly type: ClaimType; readonly list: Pick<Icd10Cm, 'faultOf'> },
): PlannedDiagnoses {
  const refusals: Issue[] = []
  const warnings: Issue[] = []
  const codes: string[] = []
  for (const [at, { condition, element }] of found.entries()) {
    const { resource } = condition
    const written = codeIn(objectAt(resource, 'code'), SYSTEMS.icd10cm)
    if (isRuledOut(resource))
      refusals.push(
        problem(
          'diagnosis-missing',
          'Condition.verificationStatus',
          `${element} names a condition that is ruled out.`,
        ),
      )
    else if (written === undefined)
      (at === 0 ? refusals : warnings).push(
        problem(
          'diagnosis-missing',
          'Condition.code',
          `${element} has no coding of ${SYSTEMS.icd10cm}.`,
          at === 0 ? 'error' : 'warning',
        ),
      )
    else {
      const fault = list.faultOf(written, date)
      if (fault?.severity === 'error')
        refusals.push(problem('diagnosis-not-billable', 'Condition.code', `${fault.text}.`))
      else if (fault !== undefined)
        warnings.push(problem('diagnosis-not-verified', 'Condition.code', `${fault.text}.`, 'warning'))
      const code = withDot(written)
      if (!codes.includes(code)) codes.push(code)
    }
  }
  if (found.length === 0)
    refusals.push(
      problem(
        'diagnosis-missing',
        'Encounter.diagnosis',
        'The visit names no diagnosis and no reason, and no active condition was recorded at it.',
      ),
    )
  const { principal, other } = MOST_DIAGNOSES[type]
  const most = principal + other
  if (codes.length > most)
    warnings.push(
      problem(
        'diagnoses-left-out',
        'Encounter.diagnosis',
        `A claim has room for ${most} diagnoses: the last ${codes.length - most} are left out.`,
        'warning',
      ),
    )
  const diagnoses = codes.slice(0, most).map(
    (code, at): PlannedDiagnosis => ({
      code: { system: SYSTEMS.icd10cm, code },
      type: at === 0 ? 'principal' : 'secondary',
    }),
  )
  return { diagnoses, refusals, warnings }
}

function withDot(code: string): string {
  return code.includes('.') || code.length <= 3 ? code : `${code.slice(0, 3)}.${code.slice(3)}`
}
