// What labels, put together: the rules in force, labelling in the write path, and the work that follows in the background.
import type { LinkedSearch } from '../access/index.ts'
import type { Definitions } from '../fhir/index.ts'
import type { Store } from '../store/index.ts'
import { LabelRulesInForce, type LabelRulesParts } from './label-rules-in-force.ts'
import { Labelling } from './labelling/labelling.ts'
import { Relabelling, type RelabelEvent } from './relabelling.ts'

export interface LabellingSettings {
  readonly store: Store
  readonly definitions: Definitions
  readonly search: LinkedSearch
  readonly baseUrl: string
  /** Whether a reference to a resource of this server must find it. */
  readonly references: 'enforce' | 'off'
  readonly servesOthers?: boolean
  /** Resources that one commit may relabel beside those that it is asked to write; 1,000 when not given. */
  readonly mostDependents?: number
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** After how many milliseconds work in the background is tried again when the store has failed. */
  readonly retryMs?: number
  readonly reportRules: LabelRulesParts['report']
  readonly reportLabels: (event: RelabelEvent) => void
}

export interface LabellingParts {
  readonly labelRules: LabelRulesInForce
  readonly labelling: Labelling
  readonly relabelling: Relabelling
  /** Takes up what is stored: to be called once, before anything but what ships is written. */
  load(): Promise<void>
  /** Leaves off where it stands; the next process goes on from there. */
  stop(): Promise<void>
}

export function createLabelling({
  now,
  reportRules,
  reportLabels,
  ...settings
}: LabellingSettings): LabellingParts {
  const labelRules = new LabelRulesInForce({ ...settings, report: reportRules })
  const labelling = new Labelling({
    ...settings,
    rules: labelRules,
    later: {
      note: (keys) => relabelling.note(keys),
      settled: (keys) => relabelling.settled(keys),
      recompute: (keys) => relabelling.recompute(keys),
      everything: () => relabelling.everything(),
    },
  })
  const relabelling: Relabelling = new Relabelling({
    ...settings,
    resourceTypes: settings.definitions.resourceTypes,
    digest: () => labelRules.digest,
    relabel: (key) => labelling.relabel(key),
    past: () => labelling.past(),
    report: reportLabels,
    now,
  })
  return {
    labelRules,
    labelling,
    relabelling,
    async load() {
      await relabelling.load()
      await labelRules.load()
      labelRules.onChange(() => void relabelling.rulesChanged())
    },
    async stop() {
      labelRules.stop()
      await labelling.close()
      await relabelling.stop()
    },
  }
}
