// The order of rows of numbers: digit by digit, for to compare two rows at a time takes many times as long.

/** Which half of a number's 64 bits has its sign. */
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0
const SIGN = 0x80000000
const DIGIT_BITS = 16
const DIGITS = 1 << DIGIT_BITS

/**
 * The places of rows in ascending order: by their first number, what is equal there by the next, and what is equal in
 * all as it stands. `numbers` holds one row of `width` behind the other. None may be NaN; -0 stands before 0.
 * @param counting how many of a row's numbers count
 */
export function sortedPlaces(numbers: Float64Array, width: number, counting: number): Uint32Array {
  const count = numbers.length / width
  let places = Uint32Array.from({ length: count }, (_, place) => place)
  let sorted = new Uint32Array(count)
  const starts = new Uint32Array(DIGITS)
  for (let column = counting - 1; column >= 0; column--) {
    const [low, high] = halvesOf(numbers, width, column)
    for (const half of [low, high])
      for (const shift of [0, DIGIT_BITS])
        if (sortByDigit(half, shift, starts, places, sorted)) [places, sorted] = [sorted, places]
  }
  return places
}

/** The bits of a column so that they compare as its numbers do. */
function halvesOf(
  numbers: Float64Array,
  width: number,
  column: number,
): [low: Uint32Array, high: Uint32Array] {
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length * 2)
  const count = numbers.length / width
  const low = new Uint32Array(count)
  const high = new Uint32Array(count)
  for (let place = 0, at = column * 2; place < count; place++, at += width * 2) {
    const upper = bits[at + HIGH] as number
    const lower = bits[at + 1 - HIGH] as number
    high[place] = upper >= SIGN ? ~upper : upper | SIGN
    low[place] = upper >= SIGN ? ~lower : lower
  }
  return [low, high]
}

/** From `places` into `sorted`; whether there was anything to be done. */
function sortByDigit(
  half: Uint32Array,
  shift: number,
  starts: Uint32Array,
  places: Uint32Array,
  sorted: Uint32Array,
): boolean {
  const digitAt = (place: number): number => ((half[place] as number) >>> shift) & (DIGITS - 1)
  starts.fill(0)
  for (let place = 0; place < half.length; place++) starts[digitAt(place)]!++
  if (half.length === 0 || starts[digitAt(0)] === half.length) return false
  let start = 0
  for (let digit = 0; digit < DIGITS; digit++) {
    const size = starts[digit] as number
    starts[digit] = start
    start += size
  }
  for (const place of places) sorted[starts[digitAt(place)]!++] = place
  return true
}
