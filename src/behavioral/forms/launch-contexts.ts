// What a form says it is to be handed before it is filled in: SDC's launch contexts, and variables of its root
// (https://hl7.org/fhir/uv/sdc/StructureDefinition-sdc-questionnaire-launchContext.html).
import type { Resource } from '../../fhir/index.ts'
import { VARIABLE } from '../assessments/urls.ts'
import { extensionsOf, objectOf, textOf, valueOf } from './elements.ts'
import { LAUNCH_CONTEXT } from './sdc.ts'

export interface LaunchContext {
  /** By which expressions know it. */
  readonly name: string
  /** Types of resources that it may be; none for a variable. */
  readonly types: readonly string[]
}

export function launchContexts(questionnaire: Resource): readonly LaunchContext[] {
  const contexts = extensionsOf(questionnaire, LAUNCH_CONTEXT).map((extension) => {
    const [part] = extensionsOf(extension, 'name')
    const value = part === undefined ? undefined : valueOf(part)?.[1]
    const types = extensionsOf(extension, 'type').map(({ valueCode }) => textOf(valueCode))
    return {
      name: textOf(value) ?? textOf(objectOf(value)?.code),
      types: types.filter((type) => type !== undefined),
    }
  })
  const variables = extensionsOf(questionnaire, VARIABLE).map(({ valueExpression }) => ({
    name: textOf(objectOf(valueExpression)?.name),
    types: [],
  }))
  return [...contexts, ...variables].flatMap(({ name, types }) =>
    name === undefined ? [] : [{ name, types }],
  )
}
