// What $generate-claim is asked with, whatever it is asked of.
import type { ClaimType } from '../billing/index.ts'
import { FhirError } from '../fhir/index.ts'
import type { Operation, OperationCall } from './operation.ts'
import { refused, refuseOthers, single } from './parameters.ts'

export interface GenerateParameters {
  readonly coverage: string | undefined
  readonly claimType: ClaimType | undefined
  readonly correctionOf: string | undefined
  readonly dryRun: boolean
  readonly submit: boolean
  /** Whether the answer is Parameters, with the warnings beside the claim. */
  readonly issues: boolean
}

export const GENERATE_PARAMETERS: Operation['parameters'] = [
  {
    name: 'coverage',
    documentation:
      'By reference or id; else the first of the patient, by order, that is in force on the day.',
  },
  { name: 'claimType', documentation: 'professional or institutional.' },
  { name: 'dryRun', documentation: 'true: answers the claim, and stores nothing.' },
  { name: 'submit', documentation: 'true: the claim is sent as well, as by Claim/$submit.' },
  {
    name: 'correctionOf',
    documentation: 'The Claim, by reference or id, that the payer took on and the new one replaces.',
  },
  {
    name: 'issues',
    documentation: 'true: answers Parameters with the claim, and with the warnings that came with it.',
  },
]

const NAMES = GENERATE_PARAMETERS.map(({ name }) => name)

/** @param others names that the operation has beside these; @throws FhirError `invalid-search`, `not-implemented` */
export function readGenerateParameters(
  { billing, pairs, handling }: OperationCall,
  others: readonly string[] = [],
): GenerateParameters {
  if (billing === undefined) throw new FhirError('not-implemented', 'This server does not bill.')
  const own = refuseOthers(pairs, [...NAMES, ...others], handling)
  const claimType = single(own, 'claimType')
  if (claimType !== undefined && claimType !== 'professional' && claimType !== 'institutional')
    throw refused('claimType', 'it must be professional or institutional.')
  const yes = (name: string): boolean => {
    const text = single(own, name)
    if (text !== undefined && text !== 'true' && text !== 'false')
      throw refused(name, 'it must be true or false.')
    return text === 'true'
  }
  const read = {
    coverage: single(own, 'coverage'),
    claimType,
    correctionOf: single(own, 'correctionOf'),
    dryRun: yes('dryRun'),
    submit: yes('submit'),
    issues: yes('issues'),
  } as const
  if (read.dryRun && read.submit) throw refused('submit', 'what is not stored cannot be sent.')
  return read
}
