// The table of errors, its page and the code agree (https://hl7.org/fhir/R4/valueset-issue-type.html).
import { globSync, readFileSync } from 'node:fs'
import t from 'tap'
import { ERRORS, FhirError, loadDefinitions, operationOutcome } from '../../src/fhir/index.ts'

const SOURCES = globSync('src/**/*.ts')
  .filter((file) => !/fhir\/(errors|outcome)\.ts$/.test(file) && !file.includes('generated'))
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n')

t.test(
  'each error is used, documented, and answers with a status and issue code of the right kind',
  async (t) => {
    const page = readFileSync('ig/errors.md', 'utf8')
    const issueTypes = loadDefinitions().codes('http://hl7.org/fhir/ValueSet/issue-type')
    for (const [code, { status, issueType, meaning }] of Object.entries(ERRORS)) {
      t.ok(SOURCES.includes(`'${code}'`), `${code} is used`)
      t.ok(page.includes(`| ${code} | ${status} | ${issueType} | ${meaning} |`), `${code} is on the page`)
      t.ok(issueTypes?.hasCode(issueType), `${issueType} is one of R4's issue types`)
      t.ok(status >= 400 && status < 600, `${status} is an error`)
    }
    t.equal(page.match(/^\| [a-z-]+ \| \d{3} \|/gm)?.length, Object.keys(ERRORS).length, 'no row too many')
  },
)

t.test('an error tells its issues, and keeps its detail to itself', async (t) => {
  const error = new FhirError('precondition-failed', 'not so', {
    detail: 'private',
    cause: new Error('private'),
  })
  t.equal(error.status, 412)
  t.same(operationOutcome(error.issues), {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code: 'conflict', diagnostics: 'not so' }],
  })
  const located = new FhirError('invalid', [
    { severity: 'error', code: 'value', diagnostics: 'no', expression: 'Patient.birthDate' },
  ])
  t.match(operationOutcome(located.issues), { issue: [{ expression: ['Patient.birthDate'] }] })
  const details = { system: 'urn:problems', code: 'too-late' }
  t.same(
    operationOutcome([{ severity: 'warning', code: 'business-rule', details, diagnostics: 'It is late.' }]),
    {
      resourceType: 'OperationOutcome',
      issue: [
        {
          severity: 'warning',
          code: 'business-rule',
          details: { coding: [details] },
          diagnostics: 'It is late.',
        },
      ],
    },
  )
})
