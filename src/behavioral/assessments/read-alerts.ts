// The alerts of a Questionnaire: when someone is in danger, and what is to be done.
import {
  extensionPartsOf,
  extensionsOf,
  type Faults,
  ID_PATTERN,
  oneOfCodes,
  type Resource,
} from '../../fhir/index.ts'
import { type Evaluators, readFormula } from './formula.ts'
import type { AlertRule } from './instrument.ts'
import { ALERT } from './urls.ts'

const ALERT_PARTS = {
  id: 'id',
  title: 'string',
  when: 'Expression',
  level: 'code',
  action: 'string',
  flag: 'boolean',
  priority: 'code',
  reference: 'string',
} as const

const LEVELS = ['critical', 'high', 'moderate', 'low', 'safety', 'severe', 'positive-screen'] as const
const PRIORITIES = ['routine', 'urgent', 'asap', 'stat'] as const
const NEEDED = ['id', 'title', 'when', 'level'] as const

const MOST_ALERTS = 100

/** `known`: what expressions may ask for, all scores among it. */
export function readAlerts(
  questionnaire: Resource,
  known: ReadonlySet<string>,
  evaluators: Evaluators,
  faults: Faults,
): readonly AlertRule[] {
  const extensions = extensionsOf(questionnaire, 'Questionnaire', ALERT)
  if (extensions.length > MOST_ALERTS) {
    faults.add('Questionnaire', `it has more than ${MOST_ALERTS} alerts`, 'too-costly')
    return []
  }
  const ids = new Set<string>()
  return extensions.flatMap((extension): AlertRule[] => {
    const parts = extensionPartsOf(extension, ALERT_PARTS, faults)
    for (const name of NEEDED)
      if (parts.all(name).length === 0) faults.add(extension.element, `it needs a '${name}'`, 'required')
    const [id, title, when] = [parts.one('id'), parts.one('title'), parts.one('when')]
    const level = oneOfCodes(parts.one('level'), LEVELS, faults)
    if (id !== undefined && !ID_PATTERN.test(id.value))
      faults.add(id.element, 'an id is 1 to 64 letters, digits, - and .')
    if (id !== undefined && ids.has(id.value))
      faults.add(id.element, 'another alert has this id', 'duplicate')
    if (id !== undefined) ids.add(id.value)
    const priority = oneOfCodes(parts.one('priority'), PRIORITIES, faults)
    const formula = when && readFormula(when.value, when.element, known, evaluators, faults)
    if (id === undefined || title === undefined || level === undefined || formula === undefined) return []
    return [
      {
        id: id.value,
        title: title.value,
        level,
        action: parts.one('action')?.value,
        raisesFlag: parts.one('flag')?.value ?? false,
        priority,
        reference: parts.one('reference')?.value,
        when: formula,
      },
    ]
  })
}
