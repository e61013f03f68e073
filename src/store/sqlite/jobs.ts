// What goes to the writer's thread and what comes back.
import type { ErrorCode } from '../../fhir/errors.ts'
import type { StoreJob } from '../background.ts'
import type { Commit, CommitResult, ResourceKey } from '../commit.ts'
import type { ResourceIndex } from '../index-entry.ts'
import type { IndexChange } from '../store.ts'
import type { SentAnswers } from './sent-answers.ts'
import type { SentJobs } from './sent-jobs.ts'

export interface IndexReplacement {
  readonly key: ResourceKey
  readonly versionId: number
  readonly index: ResourceIndex
}

export type Job =
  /** `time`: milliseconds since 1970, when the job was handed over. */
  | { readonly kind: 'commit'; readonly commit: Commit; readonly time: number }
  | {
      readonly kind: 'replace-indexes'
      readonly items: readonly IndexReplacement[]
      readonly how: IndexChange
    }
  /** Index rows that are held back (./held-rows.ts) are to be read. */
  | { readonly kind: 'put-rows' }
  /** A step of `clearStrays` (./index-clearing.ts). */
  | { readonly kind: 'clear-strays'; readonly behind: number }
  /** The full-text table is to be filled anew. */
  | { readonly kind: 'clear-words' }
  | { readonly kind: 'set'; readonly name: string; readonly value: string }
  /** Brings the full-text table up to date, or nearer to it; done behind all others of its batch. */
  | { readonly kind: 'index-words' }

export type Answer =
  | { readonly kind: 'commit'; readonly result: CommitResult }
  | { readonly kind: 'replace-indexes'; readonly replaced: number }
  | { readonly kind: 'put-rows' }
  | { readonly kind: 'clear-strays'; readonly behind: number | undefined }
  | { readonly kind: 'clear-words' }
  | { readonly kind: 'set' }
  | { readonly kind: 'index-words' }
  | FailedAnswer

export interface FailedAnswer {
  readonly kind: 'failed'
  readonly code: ErrorCode
  readonly message: string
  readonly detail: string
  readonly retryAfterSeconds: number | undefined
}

export type ToWriter = { readonly kind: 'batch'; readonly sent: SentJobs } | { readonly kind: 'close' }

/** One answer for each job of the batch, in its order. */
export type FromWriter =
  | { readonly kind: 'answers'; readonly sent: SentAnswers }
  | { readonly kind: 'closed' }
  /** It has the database open. */
  | { readonly kind: 'opened' }
  /** Work that nobody waits for failed, or, without an error, was done. */
  | { readonly kind: 'background'; readonly job: StoreJob; readonly error: FailedAnswer | undefined }

export interface WriterData {
  readonly role: 'writer'
  readonly file: string
  readonly key: Uint8Array | undefined
  readonly durable: boolean
  /** Whether index rows are held back over many commits (./held-rows.ts). */
  readonly holdsRows?: boolean
}
