// The law of hostile input, held to one answer: whatever is refused is refused with a 4xx by a valid OperationOutcome
// that tells nothing of the inside.
import { createValidator } from '../../src/conformance/index.ts'
import { loadDefinitions, parseJson, parseXml, type Resource } from '../../src/fhir/index.ts'

export const definitions = loadDefinitions()
const validator = createValidator(definitions)

/** What only the inside says: stacks, paths of source files, JavaScript's and the store's own words. */
const INTERNALS: readonly RegExp[] = [
  /\bat [\w.<>#]+ \(|\.[cm]?[jt]s\b|node_modules|node:\w+/,
  /\b(?:Type|Range|Syntax|Reference|Eval|Assertion|Sqlite|Fhir)Error\b/i,
  /Maximum call stack|Invalid string length|Cannot read propert|Cannot convert|Cannot destructure/,
  /is not a function|is not iterable|(?<!entity )is not defined|Unexpected token|Unterminated|JSON\.parse/,
  /(?<!an )\bundefined\b|\[object \w+\]|\bNaN\b|\bInfinity\b/,
  /SQLITE|\bSELECT\b|\bINSERT INTO\b|\bFROM res\b|constraint failed|no such (?:table|column)|FTS5|fts5/i,
  /\b(?:ResourceNode|FP_\w+|Fastify|FST_ERR|HPE_|ERR_[A-Z]+|ECONN\w+|saxes)\b/,
]
/** No refusal needs to be longer, however many faults it tells and whatever it quotes. */
const MOST_TOLD = 250_000

export interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, unknown>>
}

/**
 * What is wrong with an answer, undefined for nothing. `sent`: everything that the client sent, for an answer may quote it.
 * `method` HEAD has no body to look at.
 */
export function faultOf(
  { status, text, headers }: Answer,
  sent: string,
  method = 'POST',
): string | undefined {
  if (status >= 200 && status < 400) return undefined
  // 501: what FHIR has and this server does not, said by name.
  if ((status < 400 || status >= 500) && status !== 501) return `status ${status}: ${text.slice(0, 500)}`
  if (method === 'HEAD') return undefined
  if (text.length > MOST_TOLD) return `a refusal of ${text.length} characters`
  const outcome = read(text, String(headers['content-type'] ?? ''))
  if (typeof outcome === 'string') return `${outcome}: ${text.slice(0, 500)}`
  if (outcome.resourceType !== 'OperationOutcome') return `a ${outcome.resourceType}`
  const [issue] = validator.validate(outcome)
  if (issue !== undefined) return `an invalid OperationOutcome: ${issue.expression} ${issue.diagnostics}`
  return leakIn(text, sent)
}

/** What an answer tells of the inside that the client did not say itself. */
export function leakIn(text: string, sent: string): string | undefined {
  for (const pattern of INTERNALS) {
    const found = pattern.exec(text)
    if (found !== null && !sent.toLowerCase().includes(found[0].toLowerCase()))
      return `it tells of the inside, ${JSON.stringify(found[0])}: ${text.slice(Math.max(0, found.index - 200), found.index + 200)}`
  }
  return undefined
}

function read(text: string, mediaType: string): Resource | string {
  try {
    if (mediaType.includes('xml')) return parseXml(text, definitions)
    return parseJson(Buffer.from(text)) as Resource
  } catch (error) {
    return `no resource (${(error as Error).message})`
  }
}
