// Compiles the invariants of R4's StructureDefinitions (http://hl7.org/fhir/R4/conformance-rules.html#constraints) to TypeScript.
import { compileInvariant } from './invariants-compile.ts'
import { LEFT_OUT, MENDED } from './invariants-mended.ts'
import { type Types, typesOf } from './invariants-types.ts'
import { readStructures, type SourceElement, type SourceStructure, writeGenerated } from './sources.ts'

const TARGET = 'src/conformance/invariants/generated/invariants.ts'

/** Rules whose check is written by hand in `src/conformance/invariants`, by key. */
const BY_HAND: Readonly<Record<string, string>> = {
  'dom-2': 'byHand.containedIsFlat',
  'dom-3': 'byHand.containedIsReferenced',
  'ref-1': 'byHand.fragmentIsContained',
  'ext-1': 'byHand.extensionHasValueOrExtensions',
  'ctm-1': 'byHand.onBehalfOfIsForPractitioners',
  'txt-1': 'narrative.narrativeIsPlain',
  'txt-2': 'narrative.narrativeHasContent',
}

interface Rule {
  readonly name: string
  readonly text: string
  readonly check: string
}

type SourceConstraint = NonNullable<SourceElement['constraint']>[number]

/** Writes `src/conformance/invariants/generated/invariants.ts`. */
export async function buildInvariants(): Promise<void> {
  const structures = readStructures()
  const types = typesOf(structures)
  const constants = new Map<string, string>()
  const rules = new Map<string, Rule>()
  const ofType = new Map<string, readonly Rule[]>()
  const ofElement = new Map<string, readonly Rule[]>()

  function hoist(prefix: string, js: string): string {
    const known = constants.get(js)
    if (known !== undefined) return known
    const name = `${prefix}_${[...constants.values()].filter((it) => it.startsWith(`${prefix}_`)).length + 1}`
    constants.set(js, name)
    return name
  }

  function ruleOf(constraint: SourceConstraint, type: string, structure: SourceStructure): Rule | undefined {
    const { key, severity, human } = constraint
    const official = constraint.expression
    if (official === undefined || key in LEFT_OUT) return undefined
    const expression = MENDED[key]?.expression ?? official
    const resourceType = structure.kind === 'resource' ? structure.name : undefined
    const check =
      BY_HAND[key] ?? `(n, c) => ${compileInvariant(expression, type, resourceType, types, hoist)}`
    const text = [
      `key: ${JSON.stringify(key)}`,
      `severity: ${JSON.stringify(severity)}`,
      `human: ${JSON.stringify(human)}`,
      `expression: ${JSON.stringify(expression)}`,
      `check: ${shared(check)}`,
    ].join(',\n    ')
    const known = rules.get(text)
    if (known !== undefined) return known
    const plain = key.replaceAll('-', '_')
    const taken = [...rules.values()].filter((it) => it.name.split('__')[0] === plain).length
    const rule = { name: taken === 0 ? plain : `${plain}__${taken + 1}`, text, check }
    rules.set(text, rule)
    return rule
  }

  /** A check without `c` that many rules have becomes a function of its own. */
  function shared(check: string): string {
    if (!check.startsWith('(n, c) => ')) return check
    const body = check.slice('(n, c) => '.length)
    const parameters = /\bc\./.test(body) ? 'n, c' : 'n'
    return `(${parameters}) => ${body}`
  }

  for (const structure of structures) {
    for (const element of structure.snapshot.element) {
      const own = rulesOf(element, structure)
      if (own.length === 0) continue
      const isType = element.path === structure.name || isBackbone(element)
      if (isType) ofType.set(element.path, own)
      else ofElement.set(element.path, own)
    }
  }
  // What an element merely inherits from its type is said there.
  for (const structure of structures) {
    for (const element of structure.snapshot.element) {
      const own = ofElement.get(element.path)
      if (own === undefined) continue
      const inherited = new Set(
        typesOfElement(element).flatMap((it) => (ofType.get(it) ?? []).map((rule) => rule.check)),
      )
      const left = own.filter((rule) => !inherited.has(rule.check))
      if (left.length === 0) ofElement.delete(element.path)
      else ofElement.set(element.path, left)
    }
  }
  const used = new Set([...ofType.values(), ...ofElement.values()].flat())
  await writeGenerated(TARGET, write([...rules.values()].filter((rule) => used.has(rule))))

  function rulesOf(element: SourceElement, structure: SourceStructure): Rule[] {
    const found: Rule[] = []
    for (const constraint of element.constraint ?? []) {
      // Stated again in every snapshot; compiled where it comes from.
      const isInherited = constraint.key === 'ext-1' && structure.name !== 'Extension'
      const rule = isInherited
        ? undefined
        : ruleOf(constraint, focusType(element, structure, types), structure)
      if (rule !== undefined) found.push(rule)
    }
    return found
  }

  function write(all: readonly Rule[]): string {
    const body = all.map(({ name, text }) =>
      `const ${name}: Invariant = {\n    ${text},\n}`.replaceAll('\n    ', '\n  '),
    )
    const helpers = HELPERS.filter((name) => all.some(({ check }) => new RegExp(`\\b${name}\\(`).test(check)))
    return [
      '// Generated by scripts/build-definitions/invariants.ts from the R4 StructureDefinitions: the base invariants.',
      "import * as byHand from '../by-hand.ts'",
      "import type { Invariant as Checked, InvariantContext } from '../invariant.ts'",
      "import * as narrative from '../narrative.ts'",
      `import { ${helpers.join(', ')} } from '../runtime.ts'`,
      '',
      '// The compiler knows the types that it reads.',
      '// oxlint-disable-next-line typescript/no-explicit-any',
      "type Invariant = Omit<Checked, 'check'> & { check(node: any, context: { [key in keyof InvariantContext]: any }): boolean }",
      '',
      ...[...constants]
        .filter(([, name]) => all.some(({ text }) => new RegExp(`\\b${name}\\b`).test(text)))
        .map(([js, name]) => `const ${name} = ${js}`),
      '',
      ...body,
      '',
      '/** By type: `Patient`, `Period`, `Patient.contact`. */',
      ...table('OF_TYPE', ofType),
      '',
      '/** By path, where an element has rules beside those of its type. */',
      ...table('OF_ELEMENT', ofElement),
    ].join('\n')
  }
}

function table(name: string, rules: ReadonlyMap<string, readonly Rule[]>): string[] {
  const lines = [...rules]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, list]) => `  [${JSON.stringify(path)}, [${list.map((rule) => rule.name).join(', ')}]],`)
  return [
    `export const ${name}: ReadonlyMap<string, readonly Checked[]> = new Map<string, readonly Checked[]>([`,
    ...lines,
    '])',
  ]
}

function isBackbone(element: SourceElement): boolean {
  const code = element.type?.[0]?.code
  return code === 'BackboneElement' || code === 'Element'
}

function typesOfElement(element: SourceElement): string[] {
  if (element.contentReference !== undefined) return [element.contentReference.slice(1)]
  return (element.type ?? []).map(({ code }) => code)
}

/** The type by which an invariant's expression is read. */
function focusType(element: SourceElement, structure: SourceStructure, types: Types): string {
  if (element.path === structure.name || isBackbone(element)) return element.path
  const all = typesOfElement(element)
  // A rule on a choice speaks of its complex type; a primitive has none of the elements that it names.
  return all.find((type) => !types.isPrimitive(type)) ?? all[0] ?? 'any'
}

const HELPERS = [
  'chosen', 'children', 'combine', 'compareNumbers', 'compareQuantities', 'compareTimes', 'contains', 'descendants',
  'distinct', 'every', 'filter', 'first', 'flat', 'hasAny', 'includes', 'intersect', 'listOf', 'matches', 'meet',
  'replaceMatches', 'size', 'some', 'startsWith', 'substring', 'tail', 'text', 'toInteger', 'toText', 'union', 'value',
  'values',
] // biome-ignore format: a list

if (import.meta.main) await buildInvariants()
