// The full-text table as searches use it (https://sqlite.org/fts5.html); text-indexer.ts writes it.
import { raw, sql, TRUE, type Fragment } from './sql.ts'
import type { Statements } from './statements.ts'
import type { WorkLimit } from './work-limit.ts'
import { FhirError } from '../../fhir/errors.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../fhir/resource.ts'
import type { Expression } from '../query/expression.ts'
import type { TextMatch } from '../query/text.ts'
import { holdsPhrase, resourceWords } from '../words.ts'

/** The setting that holds the last sequence number whose version the table knows. */
export const TEXT_INDEX_MARK = 'text-index'

/**
 * Whether the table knows all that this snapshot holds; when not, the writer must bring it up to date first, for
 * `textClause` and `textSource` would find what was before.
 */
export function textIsCurrent(statements: Statements): boolean {
  const last = statements.value<number>(sql`SELECT coalesce(max(vid), 0) FROM version`)!
  return textIndexMark(statements) >= last
}

export function textIndexMark(statements: Statements): number {
  return Number(statements.value<string>(sql`SELECT value FROM setting WHERE name = ${TEXT_INDEX_MARK}`) ?? 0)
}

/** How often a search asks for the table to be brought up to date, by `TEXT_INDEX_BYTES` each, before it gives up. */
export const TEXT_INDEX_ROUNDS = 40
/** Bytes of bodies that are taken in at once while other writes wait: some 30 ms. */
export const TEXT_INDEX_BYTES = 1024 * 1024

/** Too much was written that the table does not know yet. */
export function wordsNotKnown(): FhirError {
  return new FhirError('overloaded', 'The words of the latest resources are not all known yet. Try again.', {
    retryAfterSeconds: 1,
  })
}

/** Whether a condition has one on words anywhere within. */
export function asksForWords(node: Expression): boolean {
  switch (node.kind) {
    case 'text':
      return true
    case 'and':
      return node.all.some(asksForWords)
    case 'or':
      return node.any.some(asksForWords)
    case 'not':
      return asksForWords(node.node)
    case 'chain':
      return node.targets.some(({ where }) => asksForWords(where))
    case 'has':
      return asksForWords(node.source.where)
    case 'contains':
      return asksForWords(node.where)
    default:
      return false
  }
}

/** Whether the current version of the resource `rid` has the words. All matches are collected once a statement: 0.2 ms a thousand. */
export function textClause(match: TextMatch, rid: Fragment, work: WorkLimit): Fragment {
  return sql`+${rid} IN (SELECT rowid FROM words WHERE words MATCH ${matchText(match)} AND ${work.passing(raw('rowid'), TRUE)})`
}

/**
 * The resources that have the words, whatever their type, as rows `d` with `rid` alone: no `pat`, `lab`, `dt`; in no
 * order, each once.
 */
export function textSource(
  match: TextMatch,
  work: WorkLimit,
): { readonly from: string; readonly where: Fragment } {
  return {
    from: '(SELECT rowid AS rid, words AS matching FROM words) d',
    where: sql`${raw('d.matching')} MATCH ${matchText(match)} AND ${work.passing(raw('d.rid'), TRUE)}`,
  }
}

/** Words are letters and digits, so nothing in them needs to be escaped. */
function matchText({ scope, words }: TextMatch): string {
  return `${scope} : "${words.join(' ')}"`
}

/** The same of one version's content. */
export function wordsHold(body: Buffer, { scope, words }: TextMatch): boolean {
  const resource = parsed(body)
  return resource !== undefined && holdsPhrase(resourceWords(resource)[scope], words)
}

/** Undefined for what is no resource at all, which `verify` reports. */
export function parsed(body: Buffer): JsonObject | undefined {
  try {
    // Numbers are no words: how they are written does not matter.
    const value = JSON.parse(body.toString()) as JsonValue
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
