// $relabel: brings the labels of everything that is stored up to the rules, and tells how far that is.
import { formatInstant } from '../fhir/index.ts'
import type { RelabelStatus } from '../repository/index.ts'
import { coding, count, group, parameters, text, type Parameter } from './answer-parameters.ts'
import { BY_ANY_METHOD, type Operation, type OperationAnswer, type OperationCall } from './operation.ts'
import { refuseOthers } from './parameters.ts'

export const RELABEL: Operation = {
  name: 'relabel',
  type: '',
  // A GET starts nothing: it only tells.
  levels: { system: BY_ANY_METHOD },
  takesResource: [],
  affectsState: true,
  answers: 'Parameters',
  definition: 'https://alcove.health/fhir/OperationDefinition/relabel',
  summary:
    'By POST, labels everything that is stored anew, unless that is under way; by GET, tells how far it is and what has changed.',
  parameters: [],
  run: relabel,
}

async function relabel({ repository, method, pairs, handling }: OperationCall): Promise<OperationAnswer> {
  refuseOthers(pairs, [], handling)
  const status = method === 'POST' ? await repository.startRelabel() : repository.relabelStatus()
  const faults = repository.labelRuleFaults.map(({ resource, path, message }) =>
    group('fault', [
      ...text('resource', 'String', resource),
      ...text('path', 'String', path),
      ...text('message', 'String', message),
    ]),
  )
  return { kind: 'resource', resource: parameters([...statusOf(status), ...faults]) }
}

function statusOf(status: RelabelStatus): readonly Parameter[] {
  const { state, done, total, changed, pending, setAside, rules, started, finished, byType } = status
  return [
    ...text('status', 'Code', state),
    count('done', done),
    count('total', total),
    count('changed', changed),
    count('pending', pending),
    ...setAside.flatMap((resource) => text('setAside', 'String', resource)),
    ...instant('started', started),
    ...instant('finished', finished),
    ...text('rules', 'String', rules),
    ...changesOf(status),
    ...Object.entries(byType).map(([type, resources]) =>
      group('type', [...text('name', 'Code', type), count('changed', resources)]),
    ),
  ]
}

/** By label: how many resources have come to it, and how many have lost it. */
function changesOf({ added, removed }: RelabelStatus): readonly Parameter[] {
  const names = [...new Set([...Object.keys(added), ...Object.keys(removed)])].toSorted()
  return names.map((name) => {
    const at = name.lastIndexOf('|')
    return group('change', [
      coding('label', { system: name.slice(0, at), code: name.slice(at + 1) }),
      count('added', added[name] ?? 0),
      count('removed', removed[name] ?? 0),
    ])
  })
}

function instant(name: string, milliseconds: number | undefined): readonly Parameter[] {
  return milliseconds === undefined ? [] : [{ name, valueInstant: formatInstant(milliseconds) }]
}
