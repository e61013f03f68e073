// The opaque `next` of a page: sealed, for the numbers within would tell how much was written that the reader may not see.
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  randomFillSync,
  type KeyObject,
} from 'node:crypto'
import { FhirError } from '../../fhir/errors.ts'

const IV_BYTES = 12
const TAG_BYTES = 16

/** Drawn at once: to ask the system for random bytes takes as long as to seal. */
const IVS = 256

export class Cursors {
  readonly #key: KeyObject
  readonly #ivs = Buffer.alloc(IVS * IV_BYTES)
  #used = IVS

  /** @param key 32 bytes, the store's own */
  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key)
  }

  /**
   * A text that is another each time, even for the same place, of JSON's values; else it would tell whether anything
   * was written meanwhile.
   */
  write(kind: string, place: readonly unknown[]): string {
    const plain = Buffer.from(`[${[kind, ...place].map(ofOneWidth).join()}]`)
    const iv = this.#nextIv()
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv)
    const sealed = [iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]
    return Buffer.concat(sealed).toString('base64url')
  }

  /** @throws FhirError `invalid-search` for anything that `write` did not give for this kind */
  read(kind: string, text: string): unknown[] {
    const bytes = Buffer.from(text, 'base64url')
    if (bytes.length > IV_BYTES + TAG_BYTES && bytes.toString('base64url') === text) {
      const [written, ...place] = this.#open(bytes) ?? []
      if (written === kind) return place
    }
    throw new FhirError('invalid-search', 'The page link is not one that this server gave for this search.')
  }

  /** Good until the next is asked for. */
  #nextIv(): Buffer {
    if (this.#used === IVS) {
      randomFillSync(this.#ivs)
      this.#used = 0
    }
    const start = this.#used++ * IV_BYTES
    return this.#ivs.subarray(start, start + IV_BYTES)
  }

  #open(bytes: Buffer): unknown[] | undefined {
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
    try {
      const plain = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()])
      return JSON.parse(plain.toString('utf8')) as unknown[]
    } catch {
      return undefined
    }
  }
}

/** Of a double in JSON. */
const WIDEST_NUMBER = 24

/** JSON in which no number can be told to be a small or a large one by its length. */
function ofOneWidth(value: unknown): string {
  const text = JSON.stringify(value)
  return typeof value === 'number' ? text.padEnd(WIDEST_NUMBER) : text
}
