// What a bench has measured: the shape of its JSON.
import { medians, ratio } from './statistics.ts'
import type { BesideSearch } from './beside-search.ts'
import type { LabellingCost } from './labelling.ts'
import type { ScoringCost } from './scoring.ts'
import type { Loading } from './loading.ts'
import type { Sample } from './measure.ts'
import type { Starts } from './starts.ts'
import type { Goal, Workload } from './workload.ts'

/** Medians of the rounds of one workload, and of its floors in the same rounds. */
export interface Line extends Sample {
  readonly name: string
  /** Written by a request; 1 for what reads. */
  readonly resources: number
  readonly resourcesPerSecond: number
  /** Of an answer. */
  readonly bytes: number
  /** A request that gets as many bytes. */
  readonly bareFastify: Sample
  /** As many resources inserted, or the same bodies read, as a request does. */
  readonly rawStore: Sample
  /** Requests a second as a part of a floor's. */
  readonly ofBareFastify: number
  readonly ofRawStore: number
  /** Both floors' processor time as a part of its own: steadier than rates on a busy machine. */
  readonly ofFloorsByCpu: number
  readonly goal?: Goal
}

export interface Results {
  readonly lines: readonly Line[]
  /** Of a store that is not there yet. */
  readonly freshStarts?: Starts
  /** Of a store with the records that are searched. */
  readonly starts?: Starts
  readonly loading: readonly (Loading & { readonly form: string })[]
  readonly besideSearch?: BesideSearch
  readonly labelling?: LabellingCost
  /** Of each instrument that ships. */
  readonly scoring?: readonly ScoringCost[]
}

export interface Rounds {
  readonly ours: readonly Sample[]
  readonly bareFastify: readonly Sample[]
  /** A request here is a resource where rows are inserted, as in `Workload`. */
  readonly rawStore: readonly Sample[]
}

export function lineOf({ name, resources, raw, goal }: Workload, bytes: number, rounds: Rounds): Line {
  const ours = medians(rounds.ours)
  const bareFastify = medians(rounds.bareFastify)
  const inserted = medians(rounds.rawStore)
  const each = raw === 'insert' ? resources : 1
  const rawStore = {
    requestsPerSecond: inserted.requestsPerSecond / each,
    cpuMsPerRequest: inserted.cpuMsPerRequest * each,
  }
  return {
    name,
    resources,
    bytes,
    ...ours,
    resourcesPerSecond: ours.requestsPerSecond * resources,
    bareFastify,
    rawStore,
    ofBareFastify: ratio(rounds.ours, rounds.bareFastify, rate),
    ofRawStore: ratio(rounds.ours, rounds.rawStore, rate) * each,
    ofFloorsByCpu: (bareFastify.cpuMsPerRequest + rawStore.cpuMsPerRequest) / ours.cpuMsPerRequest,
    ...(goal && { goal }),
  }
}

function rate({ requestsPerSecond }: Sample): number {
  return requestsPerSecond
}
