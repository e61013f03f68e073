// What a value of each primitive type may look like (https://hl7.org/fhir/R4/datatypes.html#primitive).
import { ID_PATTERN, isDate, isDateTime, isInstant, isTime } from '../../fhir/index.ts'
import { xhtmlFault } from './xhtml.ts'

export interface Format {
  /** How the type is written in JSON. */
  readonly json: 'string' | 'number' | 'boolean'
  /** Whole numbers may not be written with a point or an exponent. */
  readonly whole: boolean
  /** What is wrong with a value of that JSON type, as the end of a sentence; undefined when it is right. */
  fault(value: never): string | undefined
}

const MAX_STRING = 1024 * 1024
const MAX_INTEGER = 2 ** 31 - 1
const MIN_INTEGER = -(2 ** 31)

// Its text allows no other white space than single spaces, though its pattern has \s.
const CODE = /^\S+(?: \S+)*$/
const NO_SPACE = /^\S+$/
const OID = /^urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+$/
const UUID = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const BASE64 = /^[A-Za-z0-9+/\s]*(?:=\s*){0,2}$/
const SPACE = /\s+/g
// No string holds characters below U+0020 other than tab, carriage return and line feed, whatever the patterns say.
const CONTROL = /[^\P{Cc}\t\r\n\u007f-\u009f]/u
// The two that XML cannot hold beside them; Unicode will never assign them.
const NO_CHARACTER = /[\ufffe\uffff]/

const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['boolean', { json: 'boolean', whole: false, fault: () => undefined }],
  ['decimal', { json: 'number', whole: false, fault: decimalFault }],
  ['integer', whole(MIN_INTEGER, '-2147483648 to 2147483647')],
  ['unsignedInt', whole(0, '0 to 2147483647')],
  ['positiveInt', whole(1, '1 to 2147483647')],
  ['string', text(stringFault)],
  ['markdown', text(stringFault)],
  ['code', clean(matching(CODE, 'a code: no space before or after it, and single spaces within'))],
  ['id', matching(ID_PATTERN, 'an id: 1 to 64 letters, digits, "-" and "."')],
  ['uri', clean(matching(NO_SPACE, 'a URI: it has no white space'))],
  ['url', clean(matching(NO_SPACE, 'a URL: it has no white space'))],
  ['canonical', clean(matching(NO_SPACE, 'a canonical URL: it has no white space'))],
  ['oid', matching(OID, 'an OID such as urn:oid:1.2.840.113883')],
  ['uuid', matching(UUID, 'a UUID in lower case, such as urn:uuid:c757873d-ec9a-4326-a141-556f43239520')],
  ['date', accepted(isDate, 'a date: YYYY, YYYY-MM or YYYY-MM-DD, of a day that exists')],
  [
    'dateTime',
    accepted(
      isDateTime,
      'a dateTime: YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss+zz:zz, of a day that exists',
    ),
  ],
  ['instant', accepted(isInstant, 'an instant: YYYY-MM-DDThh:mm:ss.sss+zz:zz, with seconds and a time zone')],
  ['time', accepted(isTime, 'a time: hh:mm:ss, from 00:00:00 to 23:59:59, without a zone')],
  ['base64Binary', text(base64Fault)],
  ['xhtml', clean(text(xhtmlFault))],
])

/** @throws Error for what is no primitive type of R4 */
export function formatOf(type: string): Format {
  const format = FORMATS.get(type)
  if (!format) throw new Error(`${type} is no primitive type`)
  return format
}

function text(fault: (value: string) => string | undefined): Format {
  return { json: 'string', whole: false, fault }
}

function accepted(accepts: (value: string) => boolean, what: string): Format {
  const problem = `is not ${what}`
  return text((value) => (accepts(value) ? undefined : problem))
}

function matching(pattern: RegExp, what: string): Format {
  return accepted((value) => pattern.test(value), what)
}

/** The same format, of characters that a string may have. */
function clean({ fault }: Format): Format {
  return text((value) => characterFault(value) ?? fault(value as never))
}

function whole(min: number, range: string): Format {
  const problem = `is not a whole number from ${range}`
  return {
    json: 'number',
    whole: true,
    fault: (value: number) =>
      Number.isInteger(value) && value >= min && value <= MAX_INTEGER ? undefined : problem,
  }
}

function decimalFault(value: number): string | undefined {
  return Number.isFinite(value) ? undefined : 'is a number too large to be kept'
}

function stringFault(value: string): string | undefined {
  if (value.length > MAX_STRING) return `is longer than the ${MAX_STRING} characters that a string may have`
  return characterFault(value)
}

/** Whatever `characterFault` finds, looked for at once; of surrogates only halves that stand alone are ones. */
const FAULTY = /[^\P{Cc}\t\r\n\u007f-\u009f]|[\ufffe\uffff\ud800-\udfff]/u

function characterFault(value: string): string | undefined {
  if (!FAULTY.test(value)) return undefined
  if (CONTROL.test(value))
    return 'holds a control character, of which a string may have only tab, carriage return and line feed'
  if (NO_CHARACTER.test(value))
    return 'holds U+FFFE or U+FFFF, which are no characters and which XML cannot hold'
  return value.isWellFormed() ? undefined : 'holds half of a surrogate pair, which is no Unicode character'
}

function base64Fault(value: string): string | undefined {
  const letters = value.replace(SPACE, '').length
  return letters > 0 && letters % 4 === 0 && BASE64.test(value)
    ? undefined
    : 'is not base64: letters, digits, "+" and "/" in groups of four, the last filled up with "="'
}
