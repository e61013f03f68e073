// Patient/$account-balance: what was charged, paid, taken off and is owed; and on demand an invoice of what is.
import {
  accountBalance,
  fhirMoney,
  invoicePatient,
  type BalanceAmounts,
  type ClaimBalance,
} from '../billing/index.ts'
import { FhirError, type Resource } from '../fhir/index.ts'
import { group, parameters, text, type Parameter } from './answer-parameters.ts'
import { callerView } from './caller-view.ts'
import { BY_ANY_METHOD, type Operation, type OperationAnswer, type OperationCall } from './operation.ts'
import { refused, refuseOthers, single } from './parameters.ts'

export const PATIENT_ACCOUNT_BALANCE: Operation = {
  name: 'account-balance',
  type: 'Patient',
  levels: { instance: BY_ANY_METHOD },
  takesResource: [],
  affectsState: true,
  answers: 'Parameters',
  definition: 'https://alcove.health/fhir/OperationDefinition/account-balance',
  summary:
    'What was charged for a patient, what payers and the patient paid, what was taken off and what is owed, for each claim and in all; with invoice by POST, what the patient owes and is on no invoice is invoiced.',
  parameters: [
    {
      name: 'invoice',
      documentation: 'true: an Invoice is issued of what the patient owes and is on no invoice yet.',
    },
  ],
  run,
}

async function run(call: OperationCall): Promise<OperationAnswer> {
  const { repository, billing, id, pairs, handling, method, now } = call
  if (billing === undefined) throw new FhirError('not-implemented', 'This server does not bill.')
  const isInvoiced = readInvoice(single(refuseOthers(pairs, ['invoice'], handling), 'invoice'), method)
  await repository.read('Patient', id)
  const view = callerView(repository)
  const { balance, invoices } = isInvoiced
    ? await invoicePatient(repository, view, billing.baseUrl, id, now)
    : { balance: await accountBalance(view, id, billing.baseUrl), invoices: [] }
  return {
    kind: 'resource',
    resource: parameters([
      { name: 'patient', valueReference: { reference: `Patient/${id}` } },
      ...amounts(balance),
      ...balance.claims.map(claimParameter),
      ...invoices.map(invoiceParameter),
    ]),
  }
}

function readInvoice(written: string | undefined, method: string): boolean {
  if (written === undefined || written === 'false') return false
  if (written !== 'true') throw refused('invoice', 'it must be true or false.')
  if (method !== 'POST') throw refused('invoice', 'only a POST writes.')
  return true
}

function claimParameter(claim: ClaimBalance): Parameter {
  return group('claim', [
    { name: 'claim', valueReference: { reference: `Claim/${claim.id}` } },
    ...text('status', 'Code', String(claim.claim['status'])),
    ...amounts(claim),
  ])
}

function invoiceParameter({ id }: Resource): Parameter {
  return { name: 'invoice', valueReference: { reference: `Invoice/${String(id)}` } }
}

function amounts(of: BalanceAmounts): readonly Parameter[] {
  return [
    { name: 'charged', valueMoney: fhirMoney(of.charged) },
    { name: 'insurerPaid', valueMoney: fhirMoney(of.insurerPaid) },
    { name: 'adjusted', valueMoney: fhirMoney(of.adjusted) },
    { name: 'patientResponsibility', valueMoney: fhirMoney(of.patientResponsibility) },
    { name: 'patientPaid', valueMoney: fhirMoney(of.patientPaid) },
    { name: 'open', valueMoney: fhirMoney(of.open) },
    { name: 'patientOpen', valueMoney: fhirMoney(of.patientOpen) },
    { name: 'invoiced', valueMoney: fhirMoney(of.invoiced) },
    { name: 'toInvoice', valueMoney: fhirMoney(of.toInvoice) },
  ]
}
