// Which value[x] answers an item of each type (https://hl7.org/fhir/R4/valueset-item-type.html).
import type { AnswerOptions } from './answer-options.ts'
import type { FormItem } from './form.ts'

const ANSWERS: Readonly<Record<string, string>> = {
  boolean: 'valueBoolean',
  decimal: 'valueDecimal',
  integer: 'valueInteger',
  date: 'valueDate',
  dateTime: 'valueDateTime',
  time: 'valueTime',
  string: 'valueString',
  text: 'valueString',
  url: 'valueUri',
  attachment: 'valueAttachment',
  reference: 'valueReference',
  quantity: 'valueQuantity',
}

/** Such as `valueBoolean`; for a choice, what its options are. */
export function propertiesOf({ type }: FormItem, options: AnswerOptions | undefined): readonly string[] {
  if (type !== 'choice' && type !== 'open-choice') return [ANSWERS[type] ?? 'valueCoding']
  const listed = options === undefined || options.properties.size === 0 ? ['valueCoding'] : options.properties
  return [...new Set([...listed, ...(type === 'open-choice' ? ['valueCoding', 'valueString'] : [])])]
}
