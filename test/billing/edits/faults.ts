// Faults to put into a claim without fault, each with the edit that must speak of it.
import type { FaultCase } from './fault-case.ts'
import { LINE_FAULTS } from './line-faults.ts'
import { PARTY_FAULTS } from './party-faults.ts'

export const FAULTS: readonly FaultCase[] = [...LINE_FAULTS, ...PARTY_FAULTS]
