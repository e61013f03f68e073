// The Prefer header (https://hl7.org/fhir/R4/http.html#ops, RFC 7240): how much to return, how strict to be.

export interface Preferences {
  /** undefined: the client does not say. */
  readonly return: 'minimal' | 'representation' | 'OperationOutcome' | undefined
  readonly handling: 'strict' | 'lenient'
}

const NONE: Preferences = Object.freeze({ return: undefined, handling: 'strict' })
/** What entries of a Bundle prefer where it does not say: of each this is asked more than once. */
export const PREFERS_MINIMAL = 'return=minimal'
const MINIMAL: Preferences = Object.freeze({ return: 'minimal', handling: 'strict' })

/** Preferences that are unknown or malformed are passed over, as RFC 7240 section 2 asks; the first of each counts. */
export function readPrefer(text: string | undefined): Preferences {
  if (text === undefined) return NONE
  if (text === PREFERS_MINIMAL) return MINIMAL
  const wishes = new Map<string, string>()
  for (const part of text.split(/[,;]/)) {
    const [, name, value] = /^\s*([\w-]+)\s*=\s*"?([\w-]+)"?\s*$/.exec(part) ?? []
    const key = name?.toLowerCase()
    if (key !== undefined && value !== undefined && !wishes.has(key)) wishes.set(key, value.toLowerCase())
  }
  return {
    return: RETURNS.get(wishes.get('return') ?? ''),
    handling: wishes.get('handling') === 'lenient' ? 'lenient' : 'strict',
  }
}

const RETURNS = new Map([
  ['minimal', 'minimal'],
  ['representation', 'representation'],
  ['operationoutcome', 'OperationOutcome'],
] as const) as ReadonlyMap<string, Preferences['return']>
