// Text and bytes written one behind the other, each once, in memory of their own.

/** Up to here a loop is faster than what encodes texts of any length. */
const SHORT = 40

export class ByteWriter {
  #bytes: Buffer
  #at = 0

  /** @param expected bytes; more may come, and are copied once more then */
  constructor(expected: number) {
    this.#bytes = Buffer.allocUnsafeSlow(expected)
  }

  text(text: string): void {
    // Of UTF-8 a unit of UTF-16 takes three bytes at most.
    this.#reserve(text.length * 3)
    this.#at += this.#bytes.write(text, this.#at)
  }

  /** Of ASCII alone. */
  ascii(text: string): void {
    if (text.length > SHORT) return this.text(text)
    this.#reserve(text.length)
    for (let at = 0; at < text.length; at++) this.#bytes[this.#at++] = text.charCodeAt(at)
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** All of it. Nothing is to be written after. */
  end(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#at + bytes, 2 * this.#bytes.length))
    larger.set(this.#bytes.subarray(0, this.#at))
    this.#bytes = larger
  }
}
