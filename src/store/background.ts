// How a store tells of work that no request waits for.
import type { FhirError } from '../fhir/errors.ts'

/**
 * `writer`, `reader`: the threads; `full text`: taking words into the index; `log`: moving what is committed from the
 * log into the database; `writes`: what the disk says to commits.
 */
export type StoreJob = 'writer' | 'reader' | 'full text' | 'log' | 'writes'

export interface StoreReports {
  failed(job: StoreJob, error: FhirError): void
  /** It works, or works again. */
  worked(job: StoreJob): void
}

/** For whoever does not want to know. */
export const UNHEARD: StoreReports = Object.freeze({ failed: () => {}, worked: () => {} })
