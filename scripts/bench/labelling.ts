// What finding a resource's own labels costs a write, by the rules that ship, in this process.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileLabelRules, contentLabels, labelLinks } from '../../src/access/index.ts'
import { loadDefinitions, parseJson, type Resource } from '../../src/fhir/index.ts'
import { cpuMicroseconds } from './cpu-microseconds.ts'
import { patient, score } from './records.ts'

/** Microseconds of processor a resource. */
export interface LabellingCost {
  /** What the rules find in codes and words. */
  readonly rules: number
  /** The links along which labels reach. */
  readonly links: number
}

const BASE = 'http://127.0.0.1:8080/fhir'
const RULES_FOLDER = fileURLToPath(new URL('../../profiles/labels/', import.meta.url))
const AT_ONCE = 500

/** Medians of rounds over patients, scores and diagnoses, a twentieth of them sensitive by their codes. */
export function measureLabelling(seconds: number): LabellingCost {
  const definitions = loadDefinitions()
  const { rules } = compileLabelRules(shippedRules(), definitions)
  const resources = records()
  return {
    rules: cpuMicroseconds(seconds / 2, resources, (resource) => contentLabels(rules, resource)),
    links: cpuMicroseconds(seconds / 2, resources, (resource) => labelLinks(resource, definitions, BASE)),
  }
}

function shippedRules(): Parameters<typeof compileLabelRules>[0] {
  return readdirSync(RULES_FOLDER).map(
    (file) => parseJson(readFileSync(path.join(RULES_FOLDER, file))) as Resource,
  )
}

function records(): readonly Resource[] {
  return Array.from({ length: AT_ONCE }, (_, n) => {
    const subject = `Patient/bench-${n}`
    const record =
      n % 20 === 0
        ? diagnosis(subject, 'F10.20')
        : n % 5 === 0
          ? diagnosis(subject, 'E11.9')
          : n % 5 === 1
            ? patient(n, { id: `bench-${n}`, family: 'Abara' })
            : score(n, { subject, code: '44261-6' })
    // As the server meets it: just parsed.
    return parseJson(Buffer.from(JSON.stringify(record))) as Resource
  })
}

function diagnosis(subject: string, code: string): object {
  return {
    resourceType: 'Condition',
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
    code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code }] },
    subject: { reference: subject },
    encounter: { reference: 'Encounter/bench-1' },
    recordedDate: '2026-03-01',
  }
}
