// The questions of a table, and answers to them.
import { TABLES } from './tables.ts'

export interface Question {
  readonly instrument: string
  /** As publications number it. */
  readonly name: string
  readonly loinc: string
  readonly linkId: string
  /** Empty for a number. */
  readonly options: readonly Option[]
  readonly lowest: number
  readonly highest: number
}

export interface Option {
  readonly code: string
  /** undefined: it does not count. */
  readonly weight: number | undefined
}

/** By the names of questions: a code, or a number where it is no choice. Those left out are not answered. */
export type Answers = Readonly<Record<string, string | number>>

export type Sex = 'female' | 'male' | 'other' | 'unknown' | undefined

export const QUESTIONS: ReadonlyMap<string, readonly Question[]> = new Map(
  Object.entries(TABLES).map(([instrument, { questions }]) => [
    instrument,
    questions.flatMap(([names, answers]) =>
      names.split(' ').map((text) => {
        const [name = '', loinc = ''] = text.split(':')
        return { instrument, name, loinc, linkId: linkIdOf(name, loinc), ...answersOf(answers) }
      }),
    ),
  ]),
)

export function questionsOf(instrument: string): readonly Question[] {
  const questions = QUESTIONS.get(instrument)
  if (questions === undefined) throw new Error(`no table of ${instrument}`)
  return questions
}

export function linkIdOf(name: string, loinc: string): string {
  return loinc === '' ? name : `/${loinc}`
}

function answersOf(text: string): Pick<Question, 'options' | 'lowest' | 'highest'> {
  const range = /^number:(\d+)\.\.(\d*)$/.exec(text)
  if (range !== null) return { options: [], lowest: Number(range[1]), highest: Number(range[2] || 1_000_000) }
  const options = text.split(' ').map((option): Option => {
    const [code = '', weight] = option.split('=')
    return { code, weight: weight === undefined ? undefined : Number(weight) }
  })
  return { options, lowest: 0, highest: 0 }
}

/** All answers to a question that are worth trying: every option, or numbers at every edge that a rule has. */
export function answersTo({ options, lowest, highest }: Question): readonly (string | number)[] {
  if (options.length > 0) return options.map(({ code }) => code)
  return [0, 1, 3, 4, 8, 9, 15, 16, 30, 366].filter((it) => it >= lowest && it <= highest)
}

/** The answer that weighs most, or least. */
export function extreme(question: Question, which: 'most' | 'least'): string | number {
  const { options, highest } = question
  if (options.length === 0) return which === 'most' ? Math.min(highest, 366) : question.lowest
  const sign = which === 'most' ? -1 : 1
  return options.toSorted((a, b) => sign * ((a.weight ?? sign * 99) - (b.weight ?? sign * 99)))[0]?.code ?? ''
}

/** All combinations: one of `choices[name]` for each name; undefined leaves the question out. */
export function* combinations(
  choices: readonly (readonly [name: string, answers: readonly (string | number | undefined)[]])[],
): Generator<Answers> {
  const [first, ...rest] = choices
  if (first === undefined) return yield {}
  const [name, answers] = first
  for (const others of combinations(rest))
    for (const answer of answers) yield answer === undefined ? others : { [name]: answer, ...others }
}
