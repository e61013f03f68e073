// The edits, in the order in which their findings are told.
import { ADD_ONS } from './add-ons.ts'
import { AMOUNTS } from './amounts.ts'
import { AUTHORIZATION } from './authorization.ts'
import type { Edit } from './claim-under-check.ts'
import { CODES } from './codes.ts'
import { COVERAGE } from './coverage.ts'
import { DIAGNOSES } from './diagnoses.ts'
import { DUPLICATES } from './duplicates.ts'
import { EXCLUSIONS } from './exclusions.ts'
import { FILING } from './filing.ts'
import { LIMITS } from './limits.ts'
import { NOTES, SOURCES } from './notes.ts'
import { PER_DIEMS } from './per-diems.ts'
import { PERMISSIONS } from './permissions.ts'
import { PLACES } from './places.ts'
import { POINTERS } from './pointers.ts'
import { BILLING_PROVIDER, RENDERING, TAXONOMIES } from './providers.ts'
import { TELEHEALTH } from './telehealth.ts'
import { UNITS } from './units.ts'

export const EDITS: readonly Edit[] = Object.freeze([
  PERMISSIONS,
  COVERAGE,
  BILLING_PROVIDER,
  RENDERING,
  SOURCES,
  NOTES,
  DIAGNOSES,
  POINTERS,
  CODES,
  TAXONOMIES,
  PLACES,
  TELEHEALTH,
  ADD_ONS,
  EXCLUSIONS,
  DUPLICATES,
  UNITS,
  PER_DIEMS,
  AUTHORIZATION,
  FILING,
  AMOUNTS,
  LIMITS,
])

/** Of a claim that only voids another: what it bills is not wanted any more, and need not be right. */
export const EDITS_OF_VOIDS: readonly Edit[] = Object.freeze([
  PERMISSIONS,
  COVERAGE,
  BILLING_PROVIDER,
  POINTERS,
  AMOUNTS,
  LIMITS,
])
