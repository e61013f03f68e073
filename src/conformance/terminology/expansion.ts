// Works out which codes a ValueSet holds (https://hl7.org/fhir/R4/valueset.html#compositions).
import { FhirError } from '../../fhir/index.ts'
import { splitCanonical } from './canonical.ts'
import { passing } from './code-filter.ts'
import { keyOf, type CodeSystem } from './code-system.ts'
import {
  allOf,
  difference,
  intersection,
  membersOf,
  sizeOf,
  Undecidable,
  union,
  type Members,
} from './members.ts'
import type { TerminologyFinder } from './terminology.ts'
import type { ValueSet, ValueSetPart } from './value-set.ts'

/** More are not searched for at once. */
const MOST_CODES = 100_000

/** For one question: what it finds is not looked for twice. */
export class Expansion {
  readonly #finder: TerminologyFinder
  readonly #codeSystems = new Map<string, CodeSystem | undefined>()
  readonly #imported = new Map<string, Members>()

  constructor(finder: TerminologyFinder) {
    this.#finder = finder
  }

  /**
   * @throws Undecidable when it cannot be told
   * @throws FhirError `invalid-search` when value sets import each other in a circle, `too-costly`
   */
  async membersOf(valueSet: ValueSet, within: readonly string[] = []): Promise<Members> {
    try {
      return await this.#composed(valueSet, within)
    } catch (error) {
      const { expansion } = valueSet
      if (!(error instanceof Undecidable) || expansion === undefined) throw error
      return this.#listed(expansion)
    }
  }

  async #composed({ url, version, compose }: ValueSet, within: readonly string[]): Promise<Members> {
    if (compose === undefined) throw new Undecidable('It has no definition of its codes.')
    const name = `${url}|${version ?? ''}`
    if (url !== '' && within.includes(name))
      throw new FhirError(
        'invalid-search',
        `Value sets import each other in a circle: ${[...within, name].join(', ')}.`,
      )
    const path = [...within, name]
    let members: Members = new Map()
    for (const part of compose.include) {
      members = union(members, await this.#partMembers(part, compose.activeOnly, path))
      requireFew(members)
    }
    for (const part of compose.exclude)
      members = difference(members, await this.#partMembers(part, false, path))
    return members
  }

  /** In all of: the codes of the system that are listed or pass every filter, and each value set imported. */
  async #partMembers(part: ValueSetPart, activeOnly: boolean, path: readonly string[]): Promise<Members> {
    const operands: Members[] = []
    if (part.system !== undefined) operands.push(await this.#ofSystem(part.system, part, activeOnly))
    for (const canonical of part.valueSet) operands.push(await this.#import(canonical, path))
    const [first, ...others] = operands
    if (first === undefined)
      throw new Undecidable('A part of it names neither a code system nor a value set.')
    return others.reduce(intersection, first)
  }

  async #ofSystem(
    named: string,
    { version, concept, filter }: ValueSetPart,
    activeOnly: boolean,
  ): Promise<Members> {
    const found = await this.#codeSystem(named, version)
    // Codings bear the URL alone, also where the definition has a version in it.
    const { url } = splitCanonical(named)
    if (concept !== undefined) {
      // A listed code is taken at its word where its system is not here.
      const listed = concept.filter((code) => !activeOnly || found === undefined || isActive(found, code))
      return membersOf(url, await this.#caseSensitive(named, found), listed)
    }
    if (found === undefined || found.content !== 'complete') {
      const known = found === undefined ? 'is not known here' : `is here only in part ("${found.content}")`
      if (filter.length > 0)
        throw new Undecidable(`The code system ${named} ${known}, so no filter can be applied.`)
      if (activeOnly)
        throw new Undecidable(`The code system ${named} ${known}, nor which of its codes are in use.`)
      return allOf(url)
    }
    const sets = filter.map((it) => passing(found, it))
    const codes: string[] = []
    for (const [key, { code }] of found.concepts)
      if (sets.every((set) => set.has(key)) && (!activeOnly || isActive(found, code))) codes.push(code)
    return membersOf(url, found.caseSensitive, codes)
  }

  async #import(canonical: string, path: readonly string[]): Promise<Members> {
    const known = this.#imported.get(canonical)
    if (known !== undefined) return known
    const { url, version } = splitCanonical(canonical)
    const valueSet = await this.#finder.valueSet(url, version)
    if (valueSet === undefined) throw new Undecidable(`It takes in ${canonical}, which is not known here.`)
    const members = await this.membersOf(valueSet, path)
    this.#imported.set(canonical, members)
    return members
  }

  async #listed(expansion: NonNullable<ValueSet['expansion']>): Promise<Members> {
    const bySystem = new Map<string, string[]>()
    for (const { system, code } of expansion) {
      const codes = bySystem.get(system)
      if (codes === undefined) bySystem.set(system, [code])
      else codes.push(code)
    }
    let members: Members = new Map()
    for (const [system, codes] of bySystem)
      members = union(members, membersOf(system, await this.#caseSensitive(system, undefined), codes))
    requireFew(members)
    return members
  }

  async #codeSystem(url: string, version: string | undefined): Promise<CodeSystem | undefined> {
    const key = version === undefined ? url : `${url}|${version}`
    if (!this.#codeSystems.has(key)) this.#codeSystems.set(key, await this.#finder.codeSystem(url, version))
    return this.#codeSystems.get(key)
  }

  /** As any version of the system says, as it is the same for all. */
  async #caseSensitive(system: string, found: CodeSystem | undefined): Promise<boolean> {
    return (found ?? (await this.#codeSystem(system, undefined)))?.caseSensitive ?? true
  }
}

/** R4's property `inactive`, and the `status` that HL7's own older code systems have. */
function isActive({ caseSensitive, concepts }: CodeSystem, code: string): boolean {
  const properties = concepts.get(keyOf(caseSensitive, code))?.properties
  const status = properties?.get('status') ?? []
  return properties?.get('inactive')?.includes('true') !== true && !status.includes('retired')
}

function requireFew(members: Members): void {
  if (sizeOf(members) > MOST_CODES)
    throw new FhirError(
      'too-costly',
      `A value set of more than ${MOST_CODES} codes is too large to search by.`,
    )
}
