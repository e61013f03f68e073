// Under which numbers a claim was sent, as its Task tells them: payers' answers name these.
import type { JsonObject, Resource } from '../../fhir/index.ts'
import { hasCode, objectAt, objectsAt, textAt } from '../elements.ts'
import { BILLING_TASKS } from './work-task.ts'

/** `Task.groupIdentifier.system`: the control number of the X12 group, by which the Tasks of a 999 are found. */
export const X12_GROUPS = 'https://alcove.health/fhir/NamingSystem/x12-group'

const PARTS = ['interchange', 'group', 'set', 'batch', 'file'] as const

/** Control numbers as they stand in the file: ISA13, GS06, ST02; BHT03; and the name of the file. */
export type SentAs = Readonly<Record<(typeof PARTS)[number], string>>

/** Elements of the Task of kind `claim-submission`. */
export function sentElements(sent: SentAs): JsonObject {
  return {
    groupIdentifier: { system: X12_GROUPS, value: sent.group },
    output: PARTS.map((code) => ({
      type: { coding: [{ system: BILLING_TASKS, code }] },
      valueString: sent[code],
    })),
  }
}

/** What of it the Task tells. */
export function sentAs(task: Resource): Partial<SentAs> {
  const outputs = objectsAt(task, 'output')
  const told = PARTS.flatMap((code) => {
    const value = textAt(
      outputs.find((output) => hasCode(objectAt(output, 'type'), code)),
      'valueString',
    )
    return value === undefined ? [] : [[code, value] as const]
  })
  return Object.fromEntries(told)
}
