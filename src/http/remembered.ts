// What a header's text means, read once for each of the few texts that clients send again and again.

const MOST_TEXTS = 100
const LONGEST_TEXT = 300

/** The same function with a memory. What it throws is not remembered, nor what is read of a long text. */
export function remembered<Value>(read: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const value = read(text)
    if (text.length > LONGEST_TEXT) return value
    if (known.size >= MOST_TEXTS) known.clear()
    known.set(text, value)
    return value
  }
}
