// Claims that were sent, in a small practice, for tests of what payers answer.
import { readFileSync } from 'node:fs'
import { UNAUTHENTICATED } from '../../../src/access/index.ts'
import { madeId, madeName, readMoney, type BillingParts } from '../../../src/billing/index.ts'
import { claimOf } from '../../../src/billing/claims/claim-of.ts'
import type { ClaimPlan } from '../../../src/billing/claims/claim-plan.ts'
import { frequencyInformation } from '../../../src/billing/claims/frequency.ts'
import { submissionTask } from '../../../src/billing/submission/submission-task.ts'
import { parseJson, writeJson, type JsonObject, type Resource } from '../../../src/fhir/index.ts'
import { callerView } from '../../../src/operations/caller-view.ts'
import { Repository, type WorldView } from '../../../src/repository/index.ts'
import { searchQuery } from '../../../src/store/index.ts'
import { world } from '../../repository/world.ts'
import {
  BASE,
  billingParts,
  clinic,
  coverage,
  NOW,
  patient,
  payer,
  practice,
  therapist,
} from '../practice.ts'
import { dollars } from './files.ts'

export const costSharing = parseJson(
  readFileSync(
    new URL('../../../profiles/billing/concept-map-remittance-cost-sharing.json', import.meta.url),
  ),
) as Resource

export interface RemittanceWorld {
  readonly repository: Repository
  readonly parts: BillingParts
  readonly view: WorldView
  put(...resources: readonly Resource[]): Promise<void>
  all(type: string): Promise<readonly Resource[]>
}

export async function remittanceWorld(...resources: readonly Resource[]): Promise<RemittanceWorld> {
  const { parts } = world({ baseUrl: BASE })
  const repository = new Repository(parts, UNAUTHENTICATED)
  const view = callerView(repository)
  const put = async (...given: readonly Resource[]): Promise<void> => {
    await repository.transaction(
      given.map((resource, entry) => ({
        kind: 'update',
        target: { type: resource.resourceType, id: String(resource['id']) },
        resource,
        entry,
      })),
    )
  }
  await put(...practice, costSharing, ...resources)
  return {
    repository,
    parts: billingParts(BASE),
    view,
    put,
    all: async (type) => (await view.every(searchQuery({ type }), 10_000)).map(({ resource }) => resource),
  }
}

export interface MadeClaim {
  readonly claim: Resource
  readonly id: string
  readonly control: string
}

export interface ClaimOptions {
  readonly of?: string
  readonly cents?: readonly number[]
  readonly day?: string
  readonly replaces?: MadeClaim
  readonly more?: object
}

export const CODES = ['90837', '90785', '90834', '90832', '96127'] as const

/** An active claim with a line for each amount. */
export function sentClaim(name: string, options: ClaimOptions = {}): MadeClaim {
  const { of = 'p1', cents = [15_010, 2000], day = '2026-03-02', replaces, more } = options
  const amounts = cents.map((one) => readMoney(dollars(one), 'cents'))
  const plan: ClaimPlan = {
    type: 'professional',
    source: 'Encounter/v1',
    period: { start: day, end: day },
    parties: {
      patient: patient(of),
      coverage: coverage(of === 'p1' ? 'cov1' : `cov-${of}`, of),
      payer: payer(),
      provider: clinic(),
      careTeam: [{ resource: therapist(), role: 'rendering' }],
    },
    diagnoses: [{ code: { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'F33.1' }, type: 'principal' }],
    lines: amounts.map((amount, at) => ({
      line: {
        code: { system: 'http://www.ama-assn.org/go/cpt', code: CODES[at % CODES.length] as string },
        modifiers: [],
        units: 1,
        rule: 'https://alcove.health/fhir/ChargeItemDefinition/any',
        service: 0,
      },
      date: day,
      unitPrice: amount,
      net: amount,
      encounters: [],
      diagnoses: [1],
      careTeam: [1],
      unit: 'UN',
    })),
    information: replaces === undefined ? [] : [frequencyInformation('replacement')],
    authorizations: [],
    ...(replaces === undefined
      ? {}
      : { related: { claim: `Claim/${replaces.id}`, payerControlNumber: 'ICN' } }),
    madeOf: [],
    labels: [],
  }
  const claim: Resource = {
    ...claimOf(plan, { name: madeName('claim', name), now: NOW }),
    status: 'active',
    ...more,
  }
  const [identifier] = claim['identifier'] as JsonObject[]
  return { claim, id: String(claim['id']), control: String(identifier?.['value']) }
}

/** The Task of a claim that was sent in the file of this number. */
export function sentTask({ id }: MadeClaim, number: number, position = 1): Resource {
  const name = madeName('submission', id, String(number))
  const party = { qualifier: 'ZZ', id: 'HARBOR' }
  const file = {
    number,
    kind: 'professional',
    sender: party,
    receiver: party,
    isTest: true,
    at: NOW,
  } as const
  const task = submissionTask(
    { claimId: id, claimVersion: 1, position, claims: 2, file, madeOf: [] },
    name,
    'Patient/p1',
  )
  return {
    ...task,
    id: madeId(name),
    status: 'in-progress',
    businessStatus: {
      coding: [{ system: 'https://alcove.health/fhir/CodeSystem/billing-tasks', code: 'sent' }],
    },
  }
}

/** What answers have made, by what it says alone: versions, times of writing and the order aside. */
export async function storedOf({ all }: RemittanceWorld): Promise<readonly string[]> {
  const types = ['Claim', 'ClaimResponse', 'ExplanationOfBenefit', 'PaymentReconciliation', 'Task']
  const texts: string[] = []
  for (const type of types)
    for (const { meta: _, ...said } of await all(type)) texts.push(writeJson(said).toString())
  return texts.toSorted()
}
