// The `_cursor` of page links: where the store goes on, sealed so that it holds for its own query and caller alone.
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { FhirError } from '../fhir/index.ts'
import { writePairs, type Pair } from './query-string.ts'
import { isShaping } from './result-parameters.ts'

const SEAL_BYTES = 16

export interface PageLinks {
  /** `scope`: see `pageScope`. */
  seal(scope: string, cursor: string): string
  /** The store's cursor. @throws FhirError `invalid-search` for one that was not sealed for this scope */
  open(scope: string, text: string): string
}

/** What must be the same on every page. What only shapes the answer need not: clients add the format they want. */
export function pageScope(caller: string, path: string, used: readonly Pair[]): string {
  return `${caller}\n${path}?${writePairs(used.filter(([name]) => !isShaping(name)))}`
}

/** `secret`: the same for all servers that shall honour each other's links. */
export function createPageLinks(secret: Uint8Array): PageLinks {
  const key = createSecretKey(secret)
  const mac = (scope: string, cursor: Buffer): Buffer =>
    createHmac('sha256', key)
      .update(`${Buffer.byteLength(scope)}:${scope}`)
      .update(cursor)
      .digest()
      .subarray(0, SEAL_BYTES)

  return {
    seal(scope, cursor) {
      const bytes = Buffer.from(cursor)
      return Buffer.concat([mac(scope, bytes), bytes]).toString('base64url')
    },
    open(scope, text) {
      const bytes = Buffer.from(text, 'base64url')
      const cursor = bytes.subarray(SEAL_BYTES)
      const canonical = bytes.toString('base64url') === text
      if (
        !canonical ||
        bytes.length <= SEAL_BYTES ||
        !timingSafeEqual(bytes.subarray(0, SEAL_BYTES), mac(scope, cursor))
      )
        throw new FhirError('invalid-search', [
          {
            severity: 'error',
            code: 'value',
            diagnostics:
              '_cursor does not belong to this search. Follow the next link of a page as it is, or start again without _cursor.',
            expression: 'http._cursor',
          },
        ])
      return cursor.toString()
    },
  }
}
