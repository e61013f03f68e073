// A server's labelling on a store: rules in force, labels at every write, and what brings all else up to them.
import { withLabelLinks } from '../../src/access/index.ts'
import { loadDefinitions, parseJson, type Resource } from '../../src/fhir/index.ts'
import {
  Labelling,
  LabelRulesInForce,
  Relabelling,
  type RelabelEvent,
  type Repository,
  type WriteOutcome,
  type WriteRules,
} from '../../src/repository/index.ts'
import { createSearch } from '../../src/search/index.ts'
import type { Store } from '../../src/store/index.ts'
import { world } from './world.ts'

const BASE = 'http://127.0.0.1:8080/fhir'
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
export const CODES = 'urn:codes'

const definitions = loadDefinitions()

export interface LabelledRun {
  readonly store: Store
  readonly repository: Repository
  readonly labelRules: LabelRulesInForce
  readonly labelling: Labelling
  readonly relabelling: Relabelling
  readonly events: RelabelEvent[]
  readonly ruleEvents: string[]
  /** What was relabelled, in order, by `Type/id`. */
  readonly relabelled: string[]
  readonly put: (resource: Resource) => Promise<WriteOutcome>
  readonly remove: (type: string, id: string) => Promise<WriteOutcome>
  /** Codes of `meta.security`, sorted. */
  readonly labels: (type: string, id: string) => Promise<string>
  /** Until nothing is left to be relabelled. */
  readonly settled: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** One run of a server; relabelling begins when `relabelling.start()` is called. */
export async function labelledRun(
  store: Store,
  {
    mostDependents,
    before,
    writeRules,
  }: { mostDependents?: number; before?: (name: string) => unknown; writeRules?: WriteRules } = {},
): Promise<LabelledRun> {
  const search = withLabelLinks(createSearch({ definitions, baseUrl: BASE }), definitions, BASE)
  const events: RelabelEvent[] = []
  const ruleEvents: string[] = []
  const relabelled: string[] = []
  const labelRules = new LabelRulesInForce({
    store,
    definitions,
    report: ({ kind }) => ruleEvents.push(kind),
    retryMs: 1,
  })
  const labelling: Labelling = new Labelling({
    store,
    definitions,
    search,
    baseUrl: BASE,
    rules: labelRules,
    references: 'enforce',
    later: {
      note: (keys) => relabelling.note(keys),
      settled: (keys) => relabelling.settled(keys),
      recompute: (keys) => relabelling.recompute(keys),
      everything: () => relabelling.everything(),
    },
    ...(mostDependents === undefined ? {} : { mostDependents }),
  })
  const relabelling: Relabelling = new Relabelling({
    store,
    resourceTypes: definitions.resourceTypes,
    digest: () => labelRules.digest,
    async relabel(key) {
      const name = `${key.type}/${key.id}`
      await before?.(name)
      relabelled.push(name)
      return labelling.relabel(key)
    },
    past: () => labelling.past(),
    report: (event) => events.push(event),
    now: Date.now,
    retryMs: 1,
  })
  const { repository } = world({ store, search, labelling, relabelling, writeRules })
  await labelRules.load()
  await relabelling.load()
  labelRules.onChange(() => void relabelling.rulesChanged())
  return {
    store,
    repository,
    labelRules,
    labelling,
    relabelling,
    events,
    ruleEvents,
    relabelled,
    put(resource) {
      const target = { type: resource.resourceType, id: resource['id'] as string }
      return repository.write({ kind: 'update', target, resource })
    },
    remove: (type, id) => repository.write({ kind: 'delete', target: { type, id } }),
    async labels(type, id) {
      const { body } = await repository.read(type, id)
      const { meta } = parseJson(body as Buffer) as { meta?: { security?: { code: string }[] } }
      return (meta?.security ?? [])
        .map(({ code }) => code)
        .toSorted()
        .join()
    },
    async settled() {
      while (relabelling.status.state !== 'finished') await new Promise((resolve) => setImmediate(resolve))
    },
    async stop() {
      labelRules.stop()
      await labelling.close()
      await relabelling.stop()
    },
  }
}

export interface TestRule {
  readonly name: string
  readonly type: string
  readonly label: string
  readonly codes?: readonly string[]
  readonly valueSet?: string
}

/** A PlanDefinition of rules: each gives a label to what is coded so. */
export function plan(id: string, rules: readonly TestRule[], more: object = {}): Resource {
  const type = {
    coding: [{ system: 'https://alcove.health/fhir/CodeSystem/rule-types', code: 'security-labels' }],
  }
  const action = rules.map(({ name, type, label, codes = [], valueSet }) => ({
    id: name,
    title: name,
    code: [{ coding: [{ system: ACT_CODE, code: label }] }],
    input: [
      {
        type,
        codeFilter: [
          {
            path: 'descendants().ofType(Coding)',
            ...(valueSet === undefined ? {} : { valueSet }),
            ...(codes.length === 0 ? {} : { code: codes.map((code) => ({ system: CODES, code })) }),
          },
        ],
      },
    ],
  }))
  return { resourceType: 'PlanDefinition', id, status: 'active', type, action, ...more } as Resource
}

export function valueSet(id: string, codes: readonly string[], more: object = {}): Resource {
  return {
    resourceType: 'ValueSet',
    id,
    url: `urn:sets:${id}`,
    status: 'active',
    compose: { include: [{ system: CODES, concept: codes.map((code) => ({ code })) }] },
    ...more,
  } as Resource
}

export const patient: Resource = { resourceType: 'Patient', id: 'p' }

export function condition(id: string, code: string, more: object = {}): Resource {
  return {
    resourceType: 'Condition',
    id,
    code: { coding: [{ system: CODES, code }] },
    subject: { reference: 'Patient/p' },
    ...more,
  } as Resource
}

/** Takes what its reason is labelled with. */
export function encounter(id: string, conditionId: string): Resource {
  return {
    resourceType: 'Encounter',
    id,
    status: 'finished',
    class: { system: 'urn:classes', code: 'AMB' },
    subject: { reference: 'Patient/p' },
    reasonReference: [{ reference: `Condition/${conditionId}` }],
  } as Resource
}
