// What the scores that ship mean and set off: alerts, change, direction, how often they are asked.
import t from 'tap'
import type { ChangeRule } from '../../../src/behavioral/index.ts'
import { questionnaires, shipped } from './shipped.ts'

const ids = questionnaires.map(({ id }) => String(id))

const ALERTS: Readonly<Record<string, readonly string[]>> = {
  'phq-9': ['item-9 safety', 'severe severe'],
  'phq-2': ['positive positive-screen'],
  'phq-a': ['item-9 safety', 'item-12 safety', 'item-13 safety'],
  'gad-7': ['severe severe'],
  'gad-2': ['positive positive-screen'],
  'phq-4': ['anxiety positive-screen', 'depression positive-screen'],
  'c-ssrs-screener-recent': ['high-risk critical', 'moderate-risk moderate', 'low-risk low'],
  asq: ['acute critical', 'positive high'],
  audit: ['severe severe'],
  'audit-c': ['positive positive-screen'],
  'dast-10': ['severe severe'],
  'pcl-5': ['positive positive-screen'],
  epds: ['item-10 safety', 'positive positive-screen'],
  cows: ['severe severe'],
  'ciwa-ar': ['severe severe'],
}

t.test('alerts', async (t) => {
  for (const id of ids)
    t.same(
      shipped(id).alerts.map((it) => `${it.id} ${it.level}`),
      ALERTS[id] ?? [],
      id,
    )
})

t.test('a danger raises a flag and a task, what is severe a task, a positive screen neither', async (t) => {
  const follows = {
    critical: [true, 'stat'],
    high: [true, 'asap'],
    safety: [true, 'asap'],
    moderate: [true, 'urgent'],
    severe: [false, 'urgent'],
    low: [false, 'routine'],
    'positive-screen': [false, undefined],
  }
  for (const id of ids)
    for (const alert of shipped(id).alerts) {
      t.same([alert.raisesFlag, alert.priority], follows[alert.level], `${id} ${alert.id}`)
      t.ok(alert.title.length > 10 && !alert.title.includes('%'))
    }
})

const CHANGES: Readonly<Record<string, readonly string[]>> = {
  'phq-9': [
    'clinically-significant points 5 published',
    'response percent 50 published',
    'remission below 5 published',
  ],
  'phq-a': ['response percent 50 published', 'remission below 5 published'],
  'gad-7': [
    'clinically-significant points 4 published',
    'response percent 50 convention',
    'remission below 5 convention',
  ],
  'pcl-5': ['reliable points 15 published', 'clinically-significant atMost 28 published'],
  epds: [
    'reliable points 4 published',
    'clinically-significant points 4 convention',
    'deterioration points 3 convention',
  ],
  'who-5': ['clinically-significant points 10 published'],
}

t.test('what a change means, as far as somebody has said so', async (t) => {
  for (const id of ids) {
    const [first, ...others] = shipped(id).scores
    t.same((first?.changes ?? []).map(toldOf), CHANGES[id] ?? [], id)
    t.ok(others.every(({ changes }) => changes.length === 0))
  }
})

function toldOf({ kind, basis, reference: _reference, ...measures }: ChangeRule): string {
  const [measure] = Object.entries(measures).filter(([, value]) => value !== undefined)
  return [kind, ...(measure ?? []), basis].join(' ')
}

t.test('well-being and what protects get better as they rise, all else as it falls', async (t) => {
  const rising = ids.flatMap((id) =>
    shipped(id)
      .scores.filter(({ direction }) => direction === 'higher-is-better')
      .map(({ linkId }) => `${id} ${linkId}`),
  )
  t.same(rising, ['bam protective', 'who-5 percent', 'who-5 raw'])
  for (const id of ids)
    for (const { type, direction } of shipped(id).scores)
      t.equal(direction === undefined, type !== 'decimal', id)
})

t.test('the more severe, the further on in the course of bands', async (t) => {
  const order = ['none', 'mild', 'moderate', 'moderately-severe', 'severe', 'very-severe']
  for (const id of ids)
    for (const { bands, direction } of shipped(id).scores) {
      const places = bands
        .filter(({ severity, when }) => severity !== 'positive' && when === undefined)
        .map(({ severity }) => order.indexOf(String(severity)))
      t.notOk(places.includes(-1))
      const sorted = places.toSorted((a, b) => (direction === 'higher-is-better' ? b - a : a - b))
      t.same(places, sorted, id)
    }
})

t.test('how often is a convention, and said where a practice has one', async (t) => {
  const told = ids.flatMap((id) => {
    const { frequency } = shipped(id)
    return frequency ? [`${id} ${frequency.every} ${frequency.unit} ${frequency.basis}`] : []
  })
  t.same(told.toSorted(), [
    'audit 1 a convention',
    'audit-c 1 a convention',
    'bam 1 mo convention',
    'crafft-2.1 1 a convention',
    'dast-10 1 a convention',
    'gad-7 1 a convention',
    'pc-ptsd-5 1 a convention',
    'pcl-5 1 mo convention',
    'phq-2 1 a convention',
    'phq-9 4 wk convention',
    'phq-a 1 a convention',
    'psc-17 1 a convention',
    'taps-1 1 a convention',
    'who-5 1 mo convention',
  ])
})

t.test('responses to what others have published of the same assessments are read', async (t) => {
  t.same(shipped('phq-9').aliases, [
    'http://hl7.org/fhir/us/core/Questionnaire/phq-9-example',
    'http://loinc.org/q/44249-1',
  ])
  t.ok(shipped('audit-c').aliases.includes('http://hl7.org/fhir/us/core/Questionnaire/AUDIT-C'))
  t.ok(
    shipped('c-ssrs-screener-recent').aliases.includes(
      'http://hl7.org/fhir/us/core/Questionnaire/c-ssrs-example',
    ),
  )
  const aliases = ids.flatMap((id) => shipped(id).aliases)
  t.equal(new Set(aliases).size, aliases.length, 'each by one')
  for (const id of ids) {
    const [code] = shipped(id).codes
    const isLoinc = code?.system === 'http://loinc.org'
    t.equal(shipped(id).aliases.includes(`http://loinc.org/q/${code?.code}`), isLoinc, id)
  }
})
