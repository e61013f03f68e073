// The operations that the server offers.
import { PATIENT_ACCOUNT_BALANCE } from './account-balance.ts'
import { CHECK_ELIGIBILITY, REQUEST_AUTHORIZATION } from './ask-payer.ts'
import { PATIENT_AUTHORIZATIONS } from './authorizations.ts'
import { BILLING_WORKLIST } from './billing-worklist.ts'
import { CHECK_CLAIM } from './check-claim.ts'
import { CLAIM_X12 } from './claim-x12.ts'
import { EVALUATE_MEASURE } from './evaluate-measure.ts'
import { ENCOUNTER_EVERYTHING, PATIENT_EVERYTHING } from './everything.ts'
import { EXTRACT } from './extract.ts'
import { ENCOUNTER_GENERATE_CLAIM } from './generate-claim.ts'
import { EPISODE_GENERATE_CLAIM } from './generate-episode-claim.ts'
import { GROUP_GENERATE_CLAIMS } from './generate-group-claims.ts'
import { IMPORT_X12 } from './import-x12.ts'
import { LABEL } from './label.ts'
import { OBSERVATION_LASTN } from './last-n.ts'
import type { Operation } from './operation.ts'
import { PATIENT_OUTCOMES } from './outcomes.ts'
import { POPULATE } from './populate.ts'
import { RELABEL } from './relabel.ts'
import { REVENUE } from './revenue.ts'
import { SCORE } from './score.ts'
import { SUBMIT_CLAIM } from './submit-claim.ts'
import { VOID_CLAIM } from './void-claim.ts'

export type {
  Level,
  Operation,
  OperationAnswer,
  OperationCall,
  OperationMethod,
  PostedParameter,
} from './operation.ts'
export { callerView } from './caller-view.ts'
export { careDateParameters } from './care-dates.ts'

export const OPERATIONS: readonly Operation[] = Object.freeze([
  PATIENT_EVERYTHING,
  ENCOUNTER_EVERYTHING,
  OBSERVATION_LASTN,
  PATIENT_OUTCOMES,
  PATIENT_ACCOUNT_BALANCE,
  PATIENT_AUTHORIZATIONS,
  BILLING_WORKLIST,
  CHECK_CLAIM,
  CHECK_ELIGIBILITY,
  CLAIM_X12,
  EVALUATE_MEASURE,
  EXTRACT,
  ENCOUNTER_GENERATE_CLAIM,
  EPISODE_GENERATE_CLAIM,
  GROUP_GENERATE_CLAIMS,
  IMPORT_X12,
  LABEL,
  POPULATE,
  RELABEL,
  REQUEST_AUTHORIZATION,
  REVENUE,
  SCORE,
  SUBMIT_CLAIM,
  VOID_CLAIM,
])
