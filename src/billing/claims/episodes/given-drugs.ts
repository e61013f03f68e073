// Which service a drug makes, by the drugs and routes that rules name.
import { type Coding, type DrugRule, isSameCode, type ServiceRule } from '../../rules/index.ts'

/** A drug that was given, or handed over to take home. */
export interface GivenDrug {
  /** `YYYY-MM-DD`. */
  readonly date: string
  /** `Type/[id]` of the administration or dispense. */
  readonly source: string
  /** Of product and ingredients. */
  readonly codings: readonly Coding[]
  readonly routes: readonly Coding[]
  /** Of what is taken home: for how many days. */
  readonly supplyDays?: number
}

export type DrugFinding =
  | { readonly kind: 'rule'; readonly rule: ServiceRule; readonly drug: DrugRule }
  /** Some rule has the drug, by a route that was not recorded or is another. */
  | { readonly kind: 'route' }
  | { readonly kind: 'none' }

/** The rule that has the drug, first one that names its route; `rules` in the order in which they count. */
export function ruleOfDrug(given: GivenDrug, rules: readonly ServiceRule[]): DrugFinding {
  const isTaken = given.supplyDays !== undefined
  const naming = rules.flatMap((rule) =>
    rule.drugs
      .filter((drug) => (drug.daysPerUnit !== undefined) === isTaken && shares(drug.drugs, given.codings))
      .map((drug) => ({ rule, drug })),
  )
  const found =
    naming.find(({ drug }) => shares(drug.routes, given.routes)) ??
    naming.find(({ drug }) => drug.routes.length === 0)
  if (found !== undefined) return { kind: 'rule', ...found }
  return naming.length > 0 ? { kind: 'route' } : { kind: 'none' }
}

/** Units of a supply: a part of one counts as one. */
export function unitsOfSupply({ supplyDays = 0 }: GivenDrug, { daysPerUnit = 1 }: DrugRule): number {
  return Math.max(1, Math.ceil(supplyDays / daysPerUnit))
}

/** Of the rules of a week's drugs, that of most days; of two the one that was given last. */
export function ruleOfWeek(
  given: readonly { readonly date: string; readonly rule: ServiceRule }[],
): { readonly rule: ServiceRule; readonly isMixed: boolean } | undefined {
  const days = new Map<ServiceRule, Set<string>>()
  for (const { rule, date } of given) days.set(rule, (days.get(rule) ?? new Set()).add(date))
  const lastOf = (dates: ReadonlySet<string>) => [...dates].toSorted().at(-1) as string
  const [first, second] = [...days].toSorted(
    ([, one], [, other]) => other.size - one.size || (lastOf(one) < lastOf(other) ? 1 : -1),
  )
  return first && { rule: first[0], isMixed: second !== undefined }
}

function shares(some: readonly Coding[], others: readonly Coding[]): boolean {
  return some.some((one) => others.some((other) => isSameCode(one, other)))
}
