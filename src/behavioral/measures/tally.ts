// What the memberships of patients add up to: counts, who is counted, and scores.
import type { JsonValue } from '../../fhir/index.ts'
import type { Group, Measure, PopulationCode, Scoring } from './measure.ts'
import type { Membership } from './membership.ts'

export interface Counted {
  readonly count: number
  /** Ids of the patients of whom something is counted, in the order in which they came; empty unless they are kept. */
  readonly patients: readonly string[]
}

export interface Counts {
  readonly populations: ReadonlyMap<PopulationCode, Counted>
  /** Undefined where there is none to have: nothing to divide by, or a cohort. */
  readonly score: number | undefined
}

export interface Stratum extends Counts {
  /** Of each part of the stratifier; undefined where a patient has no value. */
  readonly values: readonly (JsonValue | undefined)[]
}

export interface GroupCounts extends Counts {
  readonly group: Group
  /** By stratifier; each in the order in which it came up. */
  readonly strata: readonly (readonly Stratum[])[]
}

/** Adds up the memberships of patients in the groups of a Measure. */
export class Tally {
  readonly #measure: Measure
  readonly #groups: readonly GroupTally[]

  /** @param keepsPatients whether it remembers who is counted */
  constructor(measure: Measure, keepsPatients: boolean) {
    this.#measure = measure
    this.#groups = measure.groups.map((group) => new GroupTally(group, keepsPatients))
  }

  add(patientId: string, memberships: readonly Membership[]): void {
    for (const [at, membership] of memberships.entries()) this.#groups[at]?.add(patientId, membership)
  }

  get groups(): readonly GroupCounts[] {
    return this.#groups.map((group) => group.counts(this.#measure.scoring))
  }
}

class GroupTally {
  readonly #group: Group
  readonly #keeps: boolean
  readonly #whole: PopulationTally
  readonly #strata: readonly Map<
    string,
    { readonly values: Stratum['values']; readonly tally: PopulationTally }
  >[]

  constructor(group: Group, keepsPatients: boolean) {
    this.#group = group
    this.#keeps = keepsPatients
    this.#whole = new PopulationTally(group, keepsPatients)
    this.#strata = group.stratifiers.map(() => new Map())
  }

  add(patientId: string, { populations, strata }: Membership): void {
    this.#whole.add(patientId, populations)
    if (populations.get('initial-population')?.size === 0) return
    for (const [at, values] of strata.entries()) {
      const tallies = this.#strata[at]!
      const key = JSON.stringify(values.map((value) => value ?? null))
      let stratum = tallies.get(key)
      if (stratum === undefined) {
        stratum = { values, tally: new PopulationTally(this.#group, this.#keeps) }
        tallies.set(key, stratum)
      }
      stratum.tally.add(patientId, populations)
    }
  }

  counts(scoring: Scoring): GroupCounts {
    return {
      group: this.#group,
      ...this.#whole.counts(scoring),
      strata: this.#strata.map((tallies) =>
        [...tallies.values()].map(({ values, tally }) => ({ values, ...tally.counts(scoring) })),
      ),
    }
  }
}

class PopulationTally {
  readonly #keeps: boolean
  readonly #counted: ReadonlyMap<PopulationCode, { count: number; readonly patients: string[] }>

  constructor({ populations }: Group, keepsPatients: boolean) {
    this.#keeps = keepsPatients
    this.#counted = new Map(populations.map(({ code }) => [code, { count: 0, patients: [] }]))
  }

  add(patientId: string, populations: Membership['populations']): void {
    for (const [code, items] of populations) {
      const counted = this.#counted.get(code)
      if (counted === undefined || items.size === 0) continue
      counted.count += items.size
      if (this.#keeps) counted.patients.push(patientId)
    }
  }

  counts(scoring: Scoring): Counts {
    return { populations: this.#counted, score: this.#score(scoring) }
  }

  #score(scoring: Scoring): number | undefined {
    if (scoring === 'cohort') return undefined
    const count = (code: PopulationCode): number => this.#counted.get(code)?.count ?? 0
    const denominator = count('denominator') - count('denominator-exclusion') - count('denominator-exception')
    return denominator === 0 ? undefined : (count('numerator') - count('numerator-exclusion')) / denominator
  }
}
