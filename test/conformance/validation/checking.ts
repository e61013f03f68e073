// Validates one resource and holds what is told against what should be.
import type { Test } from 'tap'
import { createValidator } from '../../../src/conformance/index.ts'
import { type Issue, loadDefinitions, parseJson, type Resource } from '../../../src/fhir/index.ts'

export const validator = createValidator(loadDefinitions())

export type Expected = readonly [expression: string, code: Issue['code'], diagnostics: RegExp]

/** Through the parser, as a body arrives, so that numbers keep their written form. */
export function validate(resource: object | string): readonly Issue[] {
  const text = typeof resource === 'string' ? resource : JSON.stringify(resource)
  return validator.validate(parseJson(Buffer.from(text)) as Resource)
}

/** Exactly the issues expected, in order; none when there are none. */
export function check(
  t: Test,
  name: string,
  resource: object | string,
  ...expected: readonly Expected[]
): void {
  const issues = validate(resource)
  const told = issues.map(({ expression, code, diagnostics }) => `${expression} ${code} ${diagnostics}`)
  if (issues.length !== expected.length || expected.length === 0) {
    t.same(told, expected.map(String), name)
    return
  }
  expected.forEach(([expression, code, diagnostics], index) => {
    t.match(issues[index], { severity: 'error', expression, code, diagnostics }, `${name}: ${told[index]}`)
  })
}

export const patient = (more: object) => ({ resourceType: 'Patient', ...more })

export const observation = (more: object) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'PHQ-9 total score' },
  ...more,
})

/** A Patient with an extension of this value. */
export const extended = (value: object) => patient({ extension: [{ url: 'http://example.org/x', ...value }] })
