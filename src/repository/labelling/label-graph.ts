// The resources whose labels one commit settles, with what they take from each other and from all others.
import {
  settledLabels,
  taken,
  takerOf,
  type LabelLink,
  type LabelLinkKind,
  type LabelRules,
  type Sent,
} from '../../access/index.ts'
import type { Resource } from '../../fhir/index.ts'
import type { ResourceKey, SecurityLabel } from '../../store/index.ts'

/** A resource as it will be when the commit is done. */
export interface LabelNode {
  readonly key: ResourceKey
  readonly resource: Resource
  readonly sent: Sent
  /** What its content alone says. */
  readonly content: readonly SecurityLabel[]
  readonly links: readonly LabelLink[]
  /** What guards it now; undefined when it never was. */
  readonly before: readonly SecurityLabel[] | undefined
  /** Of the version that it is a copy of, when the commit is not asked to write it. */
  readonly versionId: number | undefined
}

/** What a node takes from a resource outside of the graph that refers to it. */
export interface Giver {
  readonly key: ResourceKey
  readonly kind: LabelLinkKind
}

export class LabelGraph {
  readonly #rules: LabelRules
  readonly #outside: (name: string) => readonly SecurityLabel[]
  readonly #coming: (name: string) => readonly SecurityLabel[]
  readonly #nodes = new Map<string, LabelNode>()
  readonly #labels = new Map<string, readonly SecurityLabel[]>()
  readonly #givers = new Map<string, readonly Giver[]>()
  #isSolved = false

  /**
   * @param outside the labels of a resource that is no node, by its name
   * @param coming those that a node comes to whatever is found
   */
  constructor(
    rules: LabelRules,
    outside: (name: string) => readonly SecurityLabel[],
    coming: (name: string) => readonly SecurityLabel[],
  ) {
    this.#rules = rules
    this.#outside = outside
    this.#coming = coming
  }

  get nodes(): Iterable<LabelNode> {
    return this.#nodes.values()
  }

  get size(): number {
    return this.#nodes.size
  }

  node(name: string): LabelNode | undefined {
    return this.#nodes.get(name)
  }

  add(node: LabelNode): void {
    this.#nodes.set(nameOf(node.key), node)
    this.#isSolved = false
  }

  /** Resources outside that refer to the node and give it something; those that are nodes are known by their links. */
  setGivers(name: string, givers: readonly Giver[]): void {
    this.#givers.set(name, givers)
    this.#isSolved = false
  }

  /** As they were set. */
  giversOf(name: string): readonly Giver[] {
    return this.#givers.get(name) ?? []
  }

  /** Whether `setGivers` was called. */
  knowsGivers(name: string): boolean {
    return this.#givers.has(name)
  }

  /** As `solve` found them. */
  labelsOf(name: string): readonly SecurityLabel[] {
    return this.#labels.get(name) ?? []
  }

  /** The least labels of all nodes that agree with what each takes. */
  solve(): void {
    if (this.#isSolved) return
    this.#isSolved = true
    const takers = new Map<string, Set<string>>()
    const given = new Map<string, { readonly name: string; readonly kind: LabelLinkKind }[]>()
    for (const [name, { links }] of this.#nodes)
      for (const { kind, target } of links) {
        const other = nameOf(target)
        const toTarget = takerOf(kind) === 'target'
        if (toTarget && !this.#nodes.has(other)) continue
        const [giver, taker] = toTarget ? [name, other] : [other, name]
        push(given, taker, { name: giver, kind })
        if (this.#nodes.has(giver)) takers.set(giver, (takers.get(giver) ?? new Set()).add(taker))
      }
    for (const [name, givers] of this.#givers)
      for (const { key, kind } of givers)
        if (!this.#nodes.has(nameOf(key))) push(given, name, { name: nameOf(key), kind })

    this.#labels.clear()
    const queue = new Set(this.#nodes.keys())
    for (const name of queue) {
      queue.delete(name)
      const node = this.#nodes.get(name) as LabelNode
      const takes = (given.get(name) ?? []).flatMap((giver) => {
        const labels = this.#nodes.has(giver.name) ? this.labelsOf(giver.name) : this.#outside(giver.name)
        return labels.length === 0 ? [] : taken(giver.kind, labels)
      })
      const all = [...takes, ...this.#coming(name)]
      const labels = settledLabels(this.#rules, node.resource, node.sent, node.content, all)
      if (sameLabels(labels, this.labelsOf(name))) continue
      this.#labels.set(name, labels)
      for (const taker of takers.get(name) ?? []) queue.add(taker)
    }
  }

  /** What the node would have if it took nothing. */
  alone({ resource, sent, content }: LabelNode): readonly SecurityLabel[] {
    return settledLabels(this.#rules, resource, sent, content, [])
  }
}

export function nameOf({ type, id }: ResourceKey): string {
  return `${type}/${id}`
}

/** Whether both hold the same labels, in whatever order. */
export function sameLabels(a: readonly SecurityLabel[], b: readonly SecurityLabel[]): boolean {
  return a === b || (a.length === b.length && lacking(a, b).length === 0)
}

/** Those of the first that are not among the second. */
export function lacking(
  some: readonly SecurityLabel[],
  others: readonly SecurityLabel[],
): readonly SecurityLabel[] {
  if (some.length === 0) return some
  return some.filter(
    ({ system, code }) => !others.some((other) => other.code === code && other.system === system),
  )
}

function push<Item>(map: Map<string, Item[]>, key: string, item: Item): void {
  const items = map.get(key)
  if (items === undefined) map.set(key, [item])
  else items.push(item)
}
