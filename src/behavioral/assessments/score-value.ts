// What the expression of a score yields, as a value of the score's type; anything else is no score.
import { isJsonObject, type JsonValue } from '../../fhir/index.ts'
import type { Coding, ScoreRule } from './instrument.ts'

/** `fault`: why what was yielded cannot be the score; without it and without a value, nothing was yielded. */
export interface ScoreValue {
  readonly value?: number | Coding | boolean
  readonly fault?: string
}

export function scoreValue(rule: ScoreRule, values: readonly JsonValue[]): ScoreValue {
  const [value] = values
  if (value === undefined) return {}
  if (values.length > 1) return { fault: `its expression yields ${values.length} values` }
  switch (rule.type) {
    case 'boolean':
      return typeof value === 'boolean'
        ? { value }
        : { fault: 'its expression yields neither true nor false' }
    case 'choice':
      return choiceValue(rule, value)
    default:
      return numberValue(rule, value)
  }
}

function choiceValue({ options }: ScoreRule, value: JsonValue): ScoreValue {
  const code = isJsonObject(value) ? value['code'] : value
  const option = options.find((it) => it.code === code)
  if (option === undefined || (isJsonObject(value) && value['system'] !== option.system))
    return { fault: 'its expression yields none of its results' }
  return { value: option }
}

function numberValue({ type, lowest, highest }: ScoreRule, value: JsonValue): ScoreValue {
  if (typeof value !== 'number' || !Number.isFinite(value))
    return { fault: 'its expression yields no number' }
  if (type === 'integer' && !Number.isInteger(value))
    return { fault: 'its expression yields no whole number' }
  if ((lowest !== undefined && value < lowest) || (highest !== undefined && value > highest))
    return {
      fault: `its expression yields a number that is not from ${lowest ?? 'any'} to ${highest ?? 'any'}`,
    }
  return { value }
}
