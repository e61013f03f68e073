// Writes ig/errors.md, the page of everything that can go wrong, from the table of errors.
import { writeFileSync } from 'node:fs'
import { ERRORS } from '../src/fhir/errors.ts'

const rows = Object.entries(ERRORS)
  .map(([code, { status, issueType, meaning }]) => `| ${code} | ${status} | ${issueType} | ${meaning} |`)
  .join('\n')

writeFileSync(
  'ig/errors.md',
  `<!-- Made by scripts/errors-page.ts from src/fhir/errors.ts; do not edit. -->
# Errors

Every failure is answered with an OperationOutcome. Each issue says in \`expression\` which element or header is
meant (\`Patient.name[0].use\`, \`Bundle.entry[3].request.ifMatch\`, \`http.if-match\`), and in \`diagnostics\` which rule
is broken and what would be right. An issue may bring a more precise code than the one below, such as \`required\` or
\`invariant\` for an invalid resource. The log names the request by the \`X-Request-Id\` of the answer.

| error | HTTP status | issue code | meaning |
| --- | --- | --- | --- |
${rows}
`,
)
