// Rules for tests: those that ship, and small ones written for one test.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  ANY_CODING,
  compileLabelRules,
  type LabelRules,
  ownLabels,
  RULES_TYPE,
} from '../../../src/access/labels/index.ts'
import { type JsonObject, loadDefinitions, parseJson, type Resource } from '../../../src/fhir/index.ts'

export const definitions = loadDefinitions()

export const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
export const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
export const NOTE_KINDS = 'https://alcove.health/fhir/CodeSystem/note-kinds'

const folder = fileURLToPath(new URL('../../../profiles/labels/', import.meta.url))

/** Every resource of profiles/labels/, as it would come from the store. */
export const shipped: readonly Resource[] = readdirSync(folder)
  .toSorted()
  .map((file) => parseJson(readFileSync(folder + file)) as Resource)

export const shippedRules: LabelRules = compileLabelRules(shipped, definitions).rules

/** A PlanDefinition of rules. */
export function plan(...actions: readonly JsonObject[]): Resource {
  return {
    resourceType: 'PlanDefinition',
    id: 'p',
    status: 'active',
    type: { coding: [{ ...RULES_TYPE }] },
    action: actions as JsonObject[],
  }
}

/** A rule that adds one label to what has a code of the value set `v`, unless said otherwise. */
export function action(more: JsonObject = {}): JsonObject {
  return { id: 'r', code: [{ coding: [{ system: ACT_CODE, code: 'SUD' }] }], input: [input()], ...more }
}

export function input(more: JsonObject = {}): JsonObject {
  return { type: 'Resource', codeFilter: [{ path: ANY_CODING, valueSet: 'http://example.org/v' }], ...more }
}

export function valueSet(compose: JsonObject, more: JsonObject = {}): Resource {
  return {
    resourceType: 'ValueSet',
    id: 'v',
    url: 'http://example.org/v',
    status: 'active',
    compose,
    ...more,
  }
}

export const compile = (...resources: readonly Resource[]) => compileLabelRules(resources, definitions)

/** Codes of the labels that the resource's content brings, each once, in order of their names. */
export function found(rules: LabelRules, resource: JsonObject): readonly string[] {
  const codes = ownLabels(rules, resource as Resource).map(({ label }) => label.code)
  return [...new Set(codes)].toSorted()
}

/** A Condition with this code and no date. */
export function condition(system: string, code: string, more: JsonObject = {}): Resource {
  return {
    resourceType: 'Condition',
    subject: { reference: 'Patient/p' },
    code: { coding: [{ system, code }] },
    ...more,
  }
}
