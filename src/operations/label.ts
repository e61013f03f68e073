// $label: which security labels a resource has, or would have, and why: rule by rule, code by code, reference by reference.
import { NORMAL } from '../access/index.ts'
import { FhirError } from '../fhir/index.ts'
import type { LabelExplanation, LabelOrigin } from '../repository/index.ts'
import { coding, group, parameters, text, type Parameter } from './answer-parameters.ts'
import {
  BY_ANY_METHOD,
  BY_POST,
  type Operation,
  type OperationAnswer,
  type OperationCall,
} from './operation.ts'
import { refuseOthers } from './parameters.ts'

export const LABEL: Operation = {
  name: 'label',
  type: '*',
  levels: { system: BY_POST, type: BY_POST, instance: BY_ANY_METHOD },
  takesResource: ['system', 'type'],
  affectsState: false,
  answers: 'Parameters',
  definition: 'https://alcove.health/fhir/OperationDefinition/label',
  summary:
    'Which security labels a resource has and why; or, posted and not stored, which it would have if it were written now.',
  parameters: [],
  run: label,
}

async function label({
  repository,
  type,
  id,
  resource,
  pairs,
  handling,
}: OperationCall): Promise<OperationAnswer> {
  refuseOthers(pairs, [], handling)
  if (id !== '') return answerOf(await repository.explainLabels(type, id))
  if (resource === undefined) throw new FhirError('malformed', 'The body is empty; a resource was expected.')
  return answerOf(await repository.explainLabelsOf(resource))
}

function answerOf({ labels }: LabelExplanation): OperationAnswer {
  const found = labels.map((one) => labelOf(one.label, one.origins.map(because)))
  const unlabelled = labelOf(NORMAL, [group('because', text('kind', 'Code', 'none'))])
  return { kind: 'resource', resource: parameters(found.length === 0 ? [unlabelled] : found) }
}

function labelOf(label: Parameters<typeof coding>[1], reasons: readonly Parameter[]): Parameter {
  return group('label', [coding('security', label), ...reasons])
}

function because(origin: LabelOrigin): Parameter {
  return group('because', [...text('kind', 'Code', origin.kind), ...reasonOf(origin)])
}

function reasonOf(origin: LabelOrigin): readonly Parameter[] {
  switch (origin.kind) {
    case 'rule':
      return [
        ...text('rule', 'String', origin.rule),
        ...text('title', 'String', origin.title),
        ...text('path', 'String', origin.path),
        ...(origin.coding === undefined ? [] : [coding('coding', origin.coding)]),
        ...text('ingredient', 'String', origin.ingredient),
      ]
    case 'sent':
    case 'part':
      return text('path', 'String', origin.path)
    case 'definition':
      return text('definition', 'Canonical', origin.canonical)
    case 'reference':
      return [
        ...text('path', 'String', origin.path),
        ...(origin.reference === undefined
          ? []
          : [{ name: 'reference', valueReference: { reference: origin.reference } }]),
        ...text('link', 'Code', origin.link),
      ]
    case 'implied':
      return [
        coding('by', origin.by),
        ...text('rule', 'String', origin.rule),
        ...text('title', 'String', origin.title),
      ]
    case 'kept':
      return []
  }
}
