// The labels that a resource comes to have: those found, those sent, and what each of them brings with it.
import { isJsonObject, type Resource } from '../../fhir/index.ts'
import type { SecurityLabel } from '../../store/index.ts'
import type { LabelRules } from './label-rules.ts'
import { ACT_CODE, broaderLabel, CONFIDENTIALITY, confidentialityRank, readLabel } from './vocabulary.ts'

/** A label that another brought with it. */
export interface Implication {
  readonly label: SecurityLabel
  readonly because: SecurityLabel
  /** undefined: by the meaning of the codes, as ETHUD is a kind of SUD. */
  readonly rule: string | undefined
}

/** The labels that a resource was sent with, in today's words; codings without a system or a code are passed over. */
export function sentLabels({ meta }: Resource): readonly SecurityLabel[] {
  const security = isJsonObject(meta) ? meta['security'] : undefined
  return Array.isArray(security) ? security.flatMap((coding) => readLabel(coding) ?? []) : []
}

/** All that these labels bring with them, and what that brings; also what is there already. Each label is gone by once. */
export function implications(rules: LabelRules, labels: Iterable<SecurityLabel>): readonly Implication[] {
  const found: Implication[] = []
  const seen = new Set<string>()
  const queue = [...labels]
  for (const because of queue) {
    if (seen.has(keyOf(because))) continue
    seen.add(keyOf(because))
    const broader = broaderLabel(because)
    const brought: Implication[] = broader === undefined ? [] : [{ label: broader, because, rule: undefined }]
    for (const { rule } of rules.labels.matches(because.system, because.code, () => undefined))
      for (const label of rule.labels) brought.push({ label, because, rule: rule.name })
    found.push(...brought)
    queue.push(...brought.map(({ label }) => label))
  }
  return found
}

/**
 * These labels and all that they bring with them, each once, of the levels of confidentiality the highest alone:
 * confidentiality first, then ActCode's, then others, by code.
 */
export function labelsOf(rules: LabelRules, labels: readonly SecurityLabel[]): readonly SecurityLabel[] {
  return rules.settled.of(labels, (given) => settle(rules, given))
}

function settle(rules: LabelRules, given: readonly SecurityLabel[]): readonly SecurityLabel[] {
  const all = new Map<string, SecurityLabel>()
  let highest: SecurityLabel | undefined
  for (const label of [...given, ...implications(rules, given).map((it) => it.label)]) {
    const rank = confidentialityRank(label)
    if (rank === undefined) all.set(keyOf(label), label)
    else if (highest === undefined || rank > (confidentialityRank(highest) ?? 0)) highest = label
  }
  const sorted = [...all.values()].toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
  return highest === undefined ? sorted : [highest, ...sorted]
}

function keyOf({ system, code }: SecurityLabel): string {
  return `${system}|${code}`
}

function orderOf(label: SecurityLabel): string {
  const place = label.system === CONFIDENTIALITY ? 0 : label.system === ACT_CODE ? 1 : 2
  return `${place}${keyOf(label)}`
}
