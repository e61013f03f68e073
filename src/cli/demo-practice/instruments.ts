// The questionnaires given at the practice, with their LOINC codes (https://loinc.org/44249-1, /69737-5, /72109-2).
// PHQ-9 and GAD-7: Pfizer, free to reproduce without permission. AUDIT-C: World Health Organization, public domain.

interface Answer {
  readonly code: string
  readonly display: string
}

interface Question {
  readonly code: string
  readonly text: string
  /** In the order of their score, from 0. */
  readonly answers: readonly Answer[]
}

export interface Instrument {
  readonly title: string
  readonly score: { readonly code: string; readonly display: string }
  readonly questions: readonly Question[]
  /** Questions by how readily they are answered high: which items a given total is made of. */
  readonly order: readonly number[]
  /** The question answered "not at all" longest. */
  readonly reluctant?: number
}

const HOW_OFTEN: readonly Answer[] = [
  { code: 'LA6568-5', display: 'Not at all' },
  { code: 'LA6569-3', display: 'Several days' },
  { code: 'LA6570-1', display: 'More than half the days' },
  { code: 'LA6571-9', display: 'Nearly every day' },
]

const frequency = (code: string, text: string): Question => ({ code, text, answers: HOW_OFTEN })

export const INSTRUMENTS = {
  'phq-9': {
    title: 'PHQ-9',
    score: { code: '44261-6', display: 'Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]' },
    questions: [
      frequency('44250-9', 'Little interest or pleasure in doing things'),
      frequency('44255-8', 'Feeling down, depressed, or hopeless'),
      frequency('44259-0', 'Trouble falling or staying asleep, or sleeping too much'),
      frequency('44254-1', 'Feeling tired or having little energy'),
      frequency('44251-7', 'Poor appetite or overeating'),
      frequency(
        '44258-2',
        'Feeling bad about yourself - or that you are a failure or have let yourself or your family down',
      ),
      frequency(
        '44252-5',
        'Trouble concentrating on things, such as reading the newspaper or watching television',
      ),
      frequency(
        '44253-3',
        'Moving or speaking so slowly that other people could have noticed. Or the opposite - being so fidgety or restless that you have been moving around a lot more than usual',
      ),
      frequency('44260-8', 'Thoughts that you would be better off dead, or of hurting yourself in some way'),
    ],
    order: [1, 3, 2, 0, 5, 8, 6, 4, 7],
    reluctant: 8,
  },
  'gad-7': {
    title: 'GAD-7',
    score: {
      code: '70274-6',
      display: 'Generalized anxiety disorder 7 item (GAD-7) total score [Reported.PHQ]',
    },
    questions: [
      frequency('69725-0', 'Feeling nervous, anxious, or on edge'),
      frequency('68509-9', 'Not being able to stop or control worrying'),
      frequency('69733-4', 'Worrying too much about different things'),
      frequency('69734-2', 'Trouble relaxing'),
      frequency('69735-9', 'Being so restless that it is hard to sit still'),
      frequency('69689-8', 'Becoming easily annoyed or irritable'),
      frequency('69736-7', 'Feeling afraid, as if something awful might happen'),
    ],
    order: [0, 2, 1, 3, 5, 6, 4],
  },
  'audit-c': {
    title: 'AUDIT-C',
    score: { code: '75626-2', display: 'Total score [AUDIT-C]' },
    questions: [
      {
        code: '68518-0',
        text: 'How often do you have a drink containing alcohol?',
        answers: [
          { code: 'LA6270-8', display: 'Never' },
          { code: 'LA18926-8', display: 'Monthly or less' },
          { code: 'LA18927-6', display: '2-4 times a month' },
          { code: 'LA18928-4', display: '2-3 times a week' },
          { code: 'LA18929-2', display: '4 or more times a week' },
        ],
      },
      {
        code: '68519-8',
        text: 'How many standard drinks containing alcohol do you have on a typical day?',
        answers: [
          { code: 'LA15694-5', display: '1 or 2' },
          { code: 'LA15695-2', display: '3 or 4' },
          { code: 'LA18930-0', display: '5 or 6' },
          { code: 'LA18931-8', display: '7 to 9' },
          { code: 'LA18932-6', display: '10 or more' },
        ],
      },
      {
        code: '68520-6',
        text: 'How often do you have six or more drinks on one occasion?',
        answers: [
          { code: 'LA6270-8', display: 'Never' },
          { code: 'LA18933-4', display: 'Less than monthly' },
          { code: 'LA18876-5', display: 'Monthly' },
          { code: 'LA18891-4', display: 'Weekly' },
          { code: 'LA18934-2', display: 'Daily or almost daily' },
        ],
      },
    ],
    order: [0, 1, 2],
  },
} as const satisfies Record<string, Instrument>

export type InstrumentId = keyof typeof INSTRUMENTS

export function instrumentOf(id: InstrumentId): Instrument {
  return INSTRUMENTS[id]
}

/**
 * Scores of the single questions that add up to `total`: each question in the instrument's order takes one point
 * in turn. Of many questions the back half begins a round later, and the reluctant one two.
 */
export function itemScores({ questions, order, reluctant }: Instrument, total: number): number[] {
  const scores = questions.map(() => 0)
  let left = total
  for (let round = 0; left > 0; round++) {
    if (round > 9) throw new Error(`no answers add up to ${total}`)
    for (const [place, question] of order.entries()) {
      const begins = question === reluctant ? 2 : questions.length > 3 && place > order.length / 2 ? 1 : 0
      const highest = (questions[question]?.answers.length ?? 1) - 1
      const score = scores[question] ?? 0
      if (left === 0 || round < begins || score >= highest) continue
      scores[question] = score + 1
      left--
    }
  }
  return scores
}
