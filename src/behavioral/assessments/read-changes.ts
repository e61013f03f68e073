// What a change of a score means: response, remission, deterioration, reliable change.
import { extensionPartsOf, extensionsOf, oneOfCodes, type Faults } from '../../fhir/index.ts'
import type { ChangeRule, ScoreRule } from './instrument.ts'
import type { QuestionnaireItem } from './items.ts'
import { CHANGE } from './urls.ts'

const CHANGE_PARTS = {
  kind: 'code',
  points: 'decimal',
  percent: 'decimal',
  below: 'decimal',
  atMost: 'decimal',
  atLeast: 'decimal',
  basis: 'code',
  reference: 'string',
} as const

const MEASURES = ['points', 'percent', 'below', 'atMost', 'atLeast'] as const

const KINDS = [
  'reliable',
  'clinically-significant',
  'response',
  'partial-response',
  'remission',
  'deterioration',
] as const

export const BASES = ['published', 'convention'] as const

export function readChanges(
  { item, element }: QuestionnaireItem,
  { type }: Pick<ScoreRule, 'type'>,
  faults: Faults,
): readonly ChangeRule[] {
  const extensions = extensionsOf(item, element, CHANGE)
  if (extensions.length > 0 && type !== 'decimal' && type !== 'integer')
    faults.add(element, 'only a score that is a number changes by so much')
  return extensions.flatMap((extension): ChangeRule[] => {
    const parts = extensionPartsOf(extension, CHANGE_PARTS, faults)
    const kind = oneOfCodes(parts.one('kind'), KINDS, faults)
    const basis = oneOfCodes(parts.one('basis'), BASES, faults)
    const values = MEASURES.map((name) => parts.one(name)?.value)
    if (parts.all('kind').length === 0) faults.add(extension.element, "it needs a 'kind'", 'required')
    if (parts.all('basis').length === 0) faults.add(extension.element, "it needs a 'basis'", 'required')
    if (values.filter((it) => it !== undefined).length !== 1)
      faults.add(extension.element, `it needs one of: ${MEASURES.join(', ')}`, 'required')
    const [points, percent, below, atMost, atLeast] = values
    for (const it of [...parts.all('points'), ...parts.all('percent')])
      if (it.value <= 0) faults.add(it.element, 'it must be more than 0')
    if (kind === undefined || basis === undefined) return []
    const reference = parts.one('reference')?.value
    return [{ kind, points, percent, below, atMost, atLeast, basis, reference }]
  })
}
