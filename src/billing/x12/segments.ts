// X12 text to segments and back: the delimiters that an ISA segment names, and elements between them.
import { FhirError } from '../../fhir/index.ts'
import { x12Fault, type SegmentPlace } from './fault.ts'

export interface Delimiters {
  readonly element: string
  readonly component: string
  readonly repetition: string
  readonly segment: string
}

export const USUAL_DELIMITERS: Delimiters = { element: '*', component: ':', repetition: '^', segment: '~' }

/** What to write: a name and its elements from 01; a list is the components of one. Empty ends are cut off. */
export type WrittenSegment = readonly [id: string, ...elements: WrittenElement[]]
export type WrittenElement = string | readonly (string | undefined)[] | Repeated | undefined

/** An element that stands several times. */
export interface Repeated {
  readonly repeated: readonly string[]
}

/** An ISA segment has one length, so that its delimiters stand at known places. */
const ISA_LENGTH = 106
const LAST_OF_ISA = ISA_LENGTH - 1
/** Characters, elements and segments past any that the guides allow: they bound what hostile text costs. */
const LONGEST_SEGMENT = 10_000
const MOST_ELEMENTS = 120
const MOST_SEGMENTS = 1_000_000
const MOST_CHARACTERS = 32 * 1024 * 1024

/** A segment as read. Elements count from 1, as X12 does; one that is absent is ''. */
export class Segment implements SegmentPlace {
  readonly position: number
  readonly id: string
  readonly #elements: readonly string[]
  readonly #delimiters: Delimiters

  constructor(position: number, elements: readonly string[], delimiters: Delimiters) {
    this.position = position
    this.id = elements[0] as string
    this.#elements = elements
    this.#delimiters = delimiters
  }

  /** How many elements stand after the name. */
  get length(): number {
    return this.#elements.length - 1
  }

  /** Element `index`, or its component (from 1) `part`; '' when absent. */
  at(index: number, part?: number): string {
    const element = this.#elements[index] ?? ''
    if (part === undefined) return element
    return element.split(this.#delimiters.component)[part - 1] ?? ''
  }

  /** The repetitions of an element; none when it is absent. */
  repetitions(index: number): readonly string[] {
    const element = this.at(index)
    return element === '' ? [] : element.split(this.#delimiters.repetition)
  }

  /** How many components element `index` has. */
  parts(index: number): number {
    return this.at(index).split(this.#delimiters.component).length
  }

  /** As `at`, but a 400 when it is absent. */
  need(index: number, part?: number): string {
    const text = this.at(index, part)
    if (text === '') throw this.fault(index, part, 'is required, and is not there')
    return text
  }

  /** As `need`, but a 400 when it is none of `allowed`. */
  oneOf<const T extends string>(index: number, allowed: readonly T[], part?: number): T {
    const text = this.need(index, part)
    const found = allowed.find((one) => one === text)
    if (found === undefined) throw this.fault(index, part, `must be one of ${allowed.join(', ')}`)
    return found
  }

  /** A 400 at this element that quotes nothing of it. */
  fault(index: number, part: number | undefined, what: string): FhirError {
    const element = part === undefined ? String(index) : `${index}-${part}`
    return x12Fault(this, element, what)
  }
}

/** The delimiters that the ISA segment at `start` of `text` names; 400 when there is no whole one. */
export function readDelimiters(text: string, start: number, position: number): Delimiters {
  const isa = text.slice(start, start + ISA_LENGTH)
  const place = { position, id: 'ISA' }
  if (!isa.startsWith('ISA'))
    throw x12Fault({ position, id: '' }, undefined, 'an interchange begins with ISA')
  if (isa.length < ISA_LENGTH) throw x12Fault(place, undefined, `is cut off; it has ${ISA_LENGTH} characters`)
  const delimiters = {
    element: isa[3] as string,
    repetition: isa[82] as string,
    component: isa[LAST_OF_ISA - 1] as string,
    segment: isa[LAST_OF_ISA] as string,
  }
  const all = Object.values(delimiters)
  if (new Set(all).size < all.length || all.some((one) => !isDelimiter(one)))
    throw x12Fault(place, undefined, 'names delimiters that are letters, digits or spaces, or alike')
  if (isa.split(delimiters.element).length !== 17)
    throw x12Fault(place, undefined, 'must have 16 elements, each of its own fixed length')
  return delimiters
}

/** Punctuation, or one of the control characters that files use so: line ends and the separators FS to US. */
function isDelimiter(character: string): boolean {
  const code = character.charCodeAt(0)
  return !/[A-Za-z0-9 ]/.test(character) && (code > 32 || code === 10 || code === 13 || code >= 28)
}

/**
 * The segments of a file, one by one, each ISA naming the delimiters from there on. Line ends after a terminator are
 * passed over. 400 for text without a terminator, characters that X12 does not have, and what is past the limits; 413
 * for a file of more than `mostCharacters`.
 */
export function* readSegments(text: string, mostCharacters = MOST_CHARACTERS): Generator<Segment> {
  if (text.length > mostCharacters)
    throw new FhirError('too-large', `An X12 file may have no more than ${mostCharacters} characters.`)
  let at = skipLineEnds(text, 0)
  let position = 0
  let delimiters: Delimiters | undefined
  while (at < text.length) {
    position += 1
    if (position > MOST_SEGMENTS)
      throw new FhirError('too-large', `An X12 file may have no more than ${MOST_SEGMENTS} segments.`)
    if (delimiters === undefined || text.startsWith(`ISA${delimiters.element}`, at))
      delimiters = readDelimiters(text, at, position)
    const end = text.indexOf(delimiters.segment, at)
    if (end < 0) throw x12Fault({ position, id: '' }, undefined, 'has no terminator: the file is cut off')
    yield readSegment(text.slice(at, end), position, delimiters, end - at)
    at = skipLineEnds(text, end + 1)
  }
}

function readSegment(text: string, position: number, delimiters: Delimiters, length: number): Segment {
  if (length > LONGEST_SEGMENT)
    throw x12Fault({ position, id: '' }, undefined, `has more than ${LONGEST_SEGMENT} characters`)
  const elements = text.split(delimiters.element)
  const id = elements[0] as string
  if (!/^[A-Z][A-Z0-9]{1,2}$/.test(id)) throw x12Fault({ position, id }, undefined, 'has no segment name')
  if (elements.length > MOST_ELEMENTS) throw x12Fault({ position, id }, undefined, 'has too many elements')
  const strange = elements.findIndex((element) => /\p{Cc}/u.test(element))
  if (strange >= 0) throw x12Fault({ position, id }, String(strange), 'has a control character')
  return new Segment(position, elements, delimiters)
}

function skipLineEnds(text: string, from: number): number {
  let at = from
  while (text[at] === '\n' || text[at] === '\r') at += 1
  return at
}

/** The text of these segments. Texts may hold no delimiter: `x12Text` and `x12Code` see to it, and this refuses others. */
export function writeSegments(segments: Iterable<WrittenSegment>, delimiters: Delimiters): string {
  const forbidden = Object.values(delimiters)
  const checked = (text: string, id: string): string => {
    if (forbidden.some((one) => text.includes(one)))
      throw new FhirError('business-rule', `A text of segment ${id} holds a delimiter of the X12 file.`)
    return text
  }
  let all = ''
  for (const [id, ...elements] of segments) {
    const texts = elements.map((element) => {
      if (element === undefined || typeof element === 'string') return checked(element ?? '', id)
      if ('repeated' in element)
        return element.repeated.map((one) => checked(one, id)).join(delimiters.repetition)
      return trimEnds(element.map((part) => checked(part ?? '', id))).join(delimiters.component)
    })
    all += [id, ...trimEnds(texts)].join(delimiters.element) + delimiters.segment
  }
  return all
}

function trimEnds(texts: readonly string[]): readonly string[] {
  const last = texts.findLastIndex((text) => text !== '')
  return texts.slice(0, last + 1)
}
