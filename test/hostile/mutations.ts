// Mutants of valid requests, from a seed: the tree of a body changed here and there, or its bytes.

/** The same numbers for the same seed (mulberry32). */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  /** A whole number from 0 to `below - 1`. */
  roll(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let x = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return Math.floor((((x ^ (x >>> 14)) >>> 0) / 4_294_967_296) * below)
  }

  pick<T>(items: readonly T[]): T {
    return items[this.roll(items.length)] as T
  }
}

/** JSON text that stands for itself, whether or not JSON allows it. */
export class Raw {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Tree = null | boolean | number | string | Raw | Tree[] | { [name: string]: Tree }

const nested = (depth: number, open: string, close: string): Raw =>
  new Raw(open.repeat(depth) + '1' + close.repeat(depth))

/** Values that no element, or the wrong one, expects. */
export const ODD_VALUES: readonly (Tree | Raw)[] = [
  null,
  true,
  0,
  -1,
  '',
  ' ',
  [],
  {},
  [null],
  [[]],
  { a: 1 },
  'text',
  'x'.repeat(70_000),
  '\u0000',
  '\u202e\u200b\ufeff',
  '\u{1f600}'.repeat(50),
  '<script>alert(1)</script>',
  '<div xmlns="http://www.w3.org/1999/xhtml"><b></div>',
  '../../etc/passwd',
  'Patient/known',
  '#',
  '#known',
  'urn:uuid:00000000-0000-0000-0000-000000000000',
  'Patient?name=a',
  'http://127.0.0.1:9/fhir/Patient/1',
  '2020-02-30',
  '9999-12-31T23:59:60+99:99',
  '0000-00-00',
  '2020-01-01T00:00:00.000000000000000000000001Z',
  "' OR 1=1 --",
  '%00%ff',
  '$everything',
  '{{7*7}}${7*7}',
  new Raw('1e999999999'),
  new Raw('-1e-999999999'),
  new Raw('0.1000000000000000000000000000000000000000000000000000000000000000'),
  new Raw(`1${'0'.repeat(400)}`),
  new Raw('1e400'),
  new Raw('-0'),
  new Raw('1.50'),
  new Raw('01'),
  new Raw('.5'),
  new Raw('NaN'),
  new Raw('"\\ud800"'),
  new Raw('"\\udc00\\ud800"'),
  new Raw('"\\u0000"'),
  new Raw('"\\x41"'),
  new Raw("'single'"),
  new Raw('undefined'),
  new Raw('1 /* comment */'),
  nested(250, '[', ']'),
  nested(250, '{"extension":[', ']}'),
  nested(100_000, '{"a":', '}'),
]
/** Names that JavaScript, SQL or FHIR give a meaning of their own. */
export const ODD_NAMES: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'toJSON',
  'then',
  'hasOwnProperty',
  'length',
  '',
  '_',
  '__',
  '_id',
  'resourceType',
  '_resourceType',
  'id',
  'extension',
  'valueString',
  'value[x]',
  'contained',
  'fhir_comments',
  '\ud800',
  '\u0000',
  'x'.repeat(3000),
]

/** What a text may hold or may not, and formats and indexes stumble over. */
const ODD_CHARACTERS: readonly string[] = (
  '\t|\n|\r|\r\n| |  |\u0085|\u00a0|\u2028|\ufeff|\ufffd|\ufffe|\uffff|\u007f|\u0001|\u0301|\u202e|\u200b|\u{1f600}|' +
  '\u{10ffff}|\ud83d|\ude00|\u0130|\u00df|\u1e9e|\u0d4d|&|<|>|"|\'|]]>|&amp;|&#10;|\\|%|%20|+|*|/|#|?|$|,|;|:|0|a|Z'
).split('|')
const ODD_NUMBERS: readonly string[] = (
  '0|-0|0.0|1.50|1e1|1E+2|100e-2|-1|99999999999999999999|0.1234567890123456789012345678901234567890|1e-400|1e308|' +
  '2147483648|-2147483649|9007199254740993'
).split('|')

interface Spot {
  readonly holder: Tree[] | { [name: string]: Tree }
  readonly key: string | number
}

/** A body with one to three things wrong with it, as text; `tree` stays as it is. */
export function mutant(dice: Dice, tree: object): string {
  const copy = structuredClone(tree) as { [name: string]: Tree }
  for (let changes = few(dice); changes > 0; changes--) mutate(dice, copy)
  return written(copy)
}

function mutate(dice: Dice, root: { [name: string]: Tree }): void {
  const spots = spotsIn(root)
  if (spots.length === 0) return
  const { holder, key } = dice.pick(spots)
  const held = holder as Record<string | number, Tree>
  const value = held[key] as Tree
  switch (dice.roll(14)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(key as number, 1)
      else delete held[key]
      return
    case 1:
      held[key] = [value, value]
      return
    case 2:
      held[key] = { [dice.pick(ODD_NAMES)]: value }
      return
    case 3: {
      const name = dice.pick(ODD_NAMES)
      if (!Array.isArray(holder)) define(holder, name, value)
      return
    }
    case 4: {
      const other = dice.pick(spots)
      held[key] = copyOf((other.holder as Record<string | number, Tree>)[other.key] as Tree)
      return
    }
    case 5:
      if (typeof key === 'string')
        define(holder as { [name: string]: Tree }, `_${key}`, dice.pick(ODD_VALUES))
      return
    case 6:
      if (typeof key === 'string')
        held[key] = new Raw(`${written(value)},${JSON.stringify(key)}:${written(dice.pick(ODD_VALUES))}`)
      return
    case 7:
      if (Array.isArray(holder)) holder.push(...holder.map(copyOf))
      return
    case 8:
    case 9:
      held[key] = dice.pick(ODD_VALUES)
      return
    default:
      if (typeof value === 'string') held[key] = withOddCharacter(dice, value)
      else if (typeof value === 'number') held[key] = new Raw(dice.pick(ODD_NUMBERS))
  }
}

function withOddCharacter(dice: Dice, text: string): string {
  const at = dice.roll(text.length + 1)
  return text.slice(0, at) + dice.pick(ODD_CHARACTERS) + text.slice(at)
}

/** One, as a rule: what has many faults is refused for the first. */
function few(dice: Dice): number {
  return dice.roll(4) > 0 ? 1 : 2 + dice.roll(3)
}

/** Also for `__proto__`, which an assignment would not make a property of. */
function define(object: { [name: string]: Tree }, name: string, value: Tree): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
}

function copyOf(value: Tree): Tree {
  return value instanceof Raw ? value : structuredClone(value)
}

/** Every place in the tree where something stands. */
function spotsIn(tree: Tree): Spot[] {
  if (typeof tree !== 'object' || tree === null || tree instanceof Raw) return []
  const keys = Array.isArray(tree) ? tree.map((_, index) => index) : Object.keys(tree)
  return keys.flatMap((key) => [
    { holder: tree, key },
    ...spotsIn((tree as Record<string | number, Tree>)[key] as Tree),
  ])
}

function written(value: Tree): string {
  if (value instanceof Raw) return value.text
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.keys(value)
      .map((key) => `${JSON.stringify(key)}:${written(value[key] as Tree)}`)
      .join(',')}}`
  return JSON.stringify(value)
}

const ODD_TEXTS = [
  '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
  '<!ENTITY x SYSTEM "file:///etc/passwd">',
  '&b;',
  '&#0;',
  '&#xd800;',
  '&#x110000;',
  '<![CDATA[',
  ']]>',
  '<!--',
  '<?php ?>',
  '<a xmlns="urn:other"/>',
  '<extension url="a">',
  ' xmlns:x="http://hl7.org/fhir"',
  '"',
  '<',
  '>',
  '/',
  '\u0000',
  '\ufffe',
  '{',
  '}',
  '\\u',
  '%',
]

/** Bytes with up to four faults: cut off, other, more, fewer, twice, or with a text that means something in them. */
export function damaged(dice: Dice, bytes: Buffer): Buffer {
  let current = bytes
  for (let faults = few(dice); faults > 0; faults--) {
    const at = dice.roll(current.length + 1)
    const before = current.subarray(0, at)
    const after = current.subarray(at)
    const length = dice.roll(20)
    switch (dice.roll(6)) {
      case 0:
        current = before
        break
      case 1:
        current = Buffer.concat([before, Buffer.from([dice.roll(256)]), after.subarray(1)])
        break
      case 2:
        current = Buffer.concat([before, after.subarray(length)])
        break
      case 3:
        current = Buffer.concat([before, after.subarray(0, length), after])
        break
      case 4:
        current = Buffer.concat([before, Buffer.from(dice.pick(ODD_TEXTS)), after])
        break
      default:
        current = Buffer.concat([before, Buffer.from(Array.from({ length }, () => dice.roll(256))), after])
    }
  }
  return current
}
