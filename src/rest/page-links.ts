// The `_cursor` of page links: where the store goes on, sealed, for the numbers within would tell how much was written
// that the reader may not see; so that it holds for its own query and caller alone.
import { createCipheriv, hash, hkdfSync, randomFillSync, timingSafeEqual } from 'node:crypto'
import { FhirError } from '../fhir/index.ts'
import { writePairs, type Pair } from './query-string.ts'
import { isShaping } from './result-parameters.ts'

export interface PageLinks {
  /**
   * Another text each time, even for the same place: else it would tell whether anything was written meanwhile.
   * @param scope see `pageScope`
   */
  seal(scope: string, cursor: string): string
  /** The store's cursor. @throws FhirError `invalid-search` for one that was not sealed for this scope */
  open(scope: string, text: string): string
}

/** What must be the same on every page. What only shapes the answer need not: clients add the format they want. */
export function pageScope(caller: string, path: string, used: readonly Pair[]): string {
  return `${caller}\n${path}?${writePairs(used.filter(([name]) => !isShaping(name)))}`
}

/** A block of AES too. */
const TAG_BYTES = 16
/** Where the number of a block is put into the tag. */
const NUMBER_AT = 12
const NONCE_BYTES = 8
/** Of SHA-256. A key that fills one makes what follows a function of its own. */
const HASHED_BLOCK_BYTES = 64
/** Drawn at once: to ask the system for random bytes takes as long as to seal. */
const NONCES = 512

/**
 * SIV (Rogaway and Shrimpton 2006; RFC 5297): a tag over scope, nonce and cursor; nonce and cursor are then encrypted in
 * counter mode from that tag on. The tag is half of SHA-256 over a key, the scope behind its length, and the rest. So
 * a link takes one call of a hash and one of AES, whose context is made ready once: each AES-GCM or HMAC has one
 * of its own, and in OpenSSL that takes longer than all this.
 * @param secret the same for all servers that shall honour each other's links
 */
export function createPageLinks(secret: Uint8Array): PageLinks {
  const key = (name: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, '', `alcove page link ${name}`, bytes))
  const tagKey = key('tag', HASHED_BLOCK_BYTES)
  // Block by block, in no mode: the counter is made here.
  const blocks = createCipheriv('aes-256-ecb', key('encryption', 32), null).setAutoPadding(false)
  const nonces = Buffer.alloc(NONCES * NONCE_BYTES)
  let nextNonce = nonces.length

  const tagOf = (scope: string, inner: Buffer): Buffer => {
    const bound = `${Buffer.byteLength(scope)}:${scope}`
    const hashed = Buffer.allocUnsafe(HASHED_BLOCK_BYTES + Buffer.byteLength(bound) + inner.length)
    hashed.set(tagKey)
    const at = HASHED_BLOCK_BYTES + hashed.write(bound, HASHED_BLOCK_BYTES)
    hashed.set(inner, at)
    return Buffer.from(hash('sha256', hashed, 'hex').slice(0, 2 * TAG_BYTES), 'hex')
  }
  /** Encrypts; and decrypts what is encrypted. */
  const turned = (inner: Buffer, tag: Buffer): Buffer => {
    const counted = Buffer.allocUnsafe(Math.ceil(inner.length / TAG_BYTES) * TAG_BYTES)
    const last = tag.readUInt32BE(NUMBER_AT)
    for (let at = 0, number = 0; at < counted.length; at += TAG_BYTES, number++) {
      counted.set(tag, at)
      counted.writeUInt32BE((last ^ number) >>> 0, at + NUMBER_AT)
    }
    const stream = blocks.update(counted)
    for (let at = 0; at < inner.length; at++) stream[at]! ^= inner[at]!
    return stream.subarray(0, inner.length)
  }

  return {
    seal(scope, cursor) {
      if (nextNonce === nonces.length) {
        randomFillSync(nonces)
        nextNonce = 0
      }
      const inner = Buffer.allocUnsafe(NONCE_BYTES + Buffer.byteLength(cursor))
      nonces.copy(inner, 0, nextNonce, (nextNonce += NONCE_BYTES))
      inner.write(cursor, NONCE_BYTES)
      const tag = tagOf(scope, inner)
      return Buffer.concat([tag, turned(inner, tag)]).toString('base64url')
    },
    open(scope, text) {
      const bytes = Buffer.from(text, 'base64url')
      if (bytes.length > TAG_BYTES + NONCE_BYTES && bytes.toString('base64url') === text) {
        const tag = bytes.subarray(0, TAG_BYTES)
        const inner = turned(bytes.subarray(TAG_BYTES), tag)
        if (timingSafeEqual(tag, tagOf(scope, inner))) return inner.toString('utf8', NONCE_BYTES)
      }
      throw new FhirError('invalid-search', [
        {
          severity: 'error',
          code: 'value',
          diagnostics:
            '_cursor does not belong to this search. Follow the next link of a page as it is, or start again without _cursor.',
          expression: 'http._cursor',
        },
      ])
    },
  }
}
