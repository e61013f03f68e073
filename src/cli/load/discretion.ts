// Takes what the input says out of the reasons for which it was refused: a report of a load may be passed on, records
// may not.
import { isJsonObject, type JsonValue } from '../../fhir/index.ts'
import { stepsOf } from './locate-line.ts'

const HIDDEN = '…'

/**
 * The reason without the words of the element it is about, which stand in it quoted (whole, or cut short and ended
 * by `…`), or bare when they are a reference. `path` leads from `root` to that element; its first step is the type.
 */
export function withoutValues(reason: string, root: JsonValue, path: string): string {
  const element = elementAt(root, path)
  if (typeof element === 'number')
    return reason.replace(/(?<![\w.])-?\d[\d.]*(?:[eE][+-]?\d+)?/g, (it) =>
      Number(it) === element ? HIDDEN : it,
    )
  const texts = [...textsOf(element)]
  const told = texts.reduce((it, text) => hideCutShort(hideReference(it, text), JSON.stringify(text)), reason)
  return told.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) =>
    texts.some((text) => text.includes(unquote(quoted))) ? HIDDEN : quoted,
  )
}

/** The deepest part of the path that is there. */
function elementAt(root: JsonValue, path: string): JsonValue {
  let at = root
  for (const step of stepsOf(path)) {
    const next =
      typeof step === 'number'
        ? Array.isArray(at)
          ? at[step]
          : step === 0
            ? at
            : undefined
        : isJsonObject(at)
          ? (at[step] ?? at[`_${step}`] ?? choiceOf(at, step))
          : undefined
    if (next === undefined) break
    at = next
  }
  return at
}

function choiceOf(
  object: Readonly<Record<string, JsonValue | undefined>>,
  name: string,
): JsonValue | undefined {
  const key = Object.keys(object).find((it) => it.startsWith(name) && /^[A-Z]/.test(it.slice(name.length)))
  return key === undefined ? undefined : object[key]
}

/** All strings within. */
function* textsOf(value: JsonValue): Generator<string> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'object' && value !== null)
    for (const child of Object.values(value)) if (child !== undefined) yield* textsOf(child)
}

function hideReference(reason: string, text: string): string {
  return text.includes('/') ? reason.replaceAll(text, HIDDEN) : reason
}

/** Hides `"the beginn…` of `"the beginning of a long text"`. */
function hideCutShort(reason: string, written: string): string {
  for (let at = reason.indexOf('"'); at !== -1; at = reason.indexOf('"', at + 1)) {
    let length = 0
    while (length < written.length && reason[at + length] === written[length]) length++
    if (length > 1 && reason.charAt(at + length) === HIDDEN)
      return reason.slice(0, at) + HIDDEN + hideCutShort(reason.slice(at + length + 1), written)
  }
  return reason
}

function unquote(quoted: string): string {
  try {
    return JSON.parse(quoted) as string
  } catch {
    return quoted.slice(1, -1)
  }
}
