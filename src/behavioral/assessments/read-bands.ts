// The bands of a score: what a result means in words.
import { extensionPartsOf, extensionsOf, type Faults, isJsonObject, oneOfCodes } from '../../fhir/index.ts'
import { type Evaluators, readFormula } from './formula.ts'
import type { Band, ScoreRule } from './instrument.ts'
import type { QuestionnaireItem } from './items.ts'
import { BAND } from './urls.ts'

const BAND_PARTS = {
  low: 'decimal',
  high: 'decimal',
  code: 'code',
  text: 'string',
  severity: 'code',
  when: 'Expression',
  reference: 'string',
} as const

const SEVERITIES = [
  'none',
  'mild',
  'moderate',
  'moderately-severe',
  'severe',
  'very-severe',
  'positive',
] as const

const MOST_BANDS = 100

export function readBands(
  { item, element }: QuestionnaireItem,
  scale: Pick<ScoreRule, 'type' | 'options'>,
  known: ReadonlySet<string>,
  evaluators: Evaluators,
  faults: Faults,
): readonly Band[] {
  const extensions = extensionsOf(item, element, BAND)
  if (extensions.length > MOST_BANDS) {
    faults.add(element, `it has more than ${MOST_BANDS} bands`, 'too-costly')
    return []
  }
  return extensions.flatMap((extension): Band[] => {
    const parts = extensionPartsOf(extension, BAND_PARTS, faults)
    const [low, high, code, text, when] = [
      parts.one('low'),
      parts.one('high'),
      parts.one('code'),
      parts.one('text'),
      parts.one('when'),
    ]
    if (text === undefined) faults.add(extension.element, "it needs a 'text'", 'required')
    const isNumeric = scale.type === 'decimal' || scale.type === 'integer'
    if (isNumeric && (code !== undefined || (low === undefined && high === undefined)))
      faults.add(extension.element, "a band of a number needs 'low' or 'high', and no 'code'")
    if (!isNumeric && (code === undefined || low !== undefined || high !== undefined))
      faults.add(extension.element, "a band of a result that is no number needs a 'code' alone")
    if (low !== undefined && high !== undefined && low.value > high.value)
      faults.add(high.element, "'high' is lower than 'low'")
    const codes = scale.type === 'boolean' ? ['true', 'false'] : scale.options.map((it) => it.code)
    if (!isNumeric && code !== undefined && !codes.includes(code.value))
      faults.add(code.element, `'${code.value.slice(0, 100)}' is no result of this score`, 'code-invalid')
    return [
      {
        low: low?.value,
        high: high?.value,
        code: code?.value,
        text: text?.value ?? '',
        severity: oneOfCodes(parts.one('severity'), SEVERITIES, faults),
        reference: parts.one('reference')?.value,
        when:
          when !== undefined && isJsonObject(when.value)
            ? readFormula(when.value, when.element, known, evaluators, faults)
            : undefined,
      },
    ]
  })
}
