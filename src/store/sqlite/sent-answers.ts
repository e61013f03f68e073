// The writer's answers as they are sent back: nearly all are what commits have written, which is three numbers a write.
import type { WriteResult } from '../commit.ts'
import type { Answer } from './jobs.ts'

export interface SentAnswers {
  readonly answers: number
  /** Of each answer how many writes it has, or OTHER; of each write its outcome's place, version and time. */
  readonly numbers: Float64Array
  /** What is sent as it is, in this order. */
  readonly others: readonly Answer[]
}

const OTHER = -1
const OUTCOMES = [
  'created',
  'updated',
  'unchanged',
  'deleted',
  'absent',
] as const satisfies readonly WriteResult['outcome'][]

export function packAnswers(answers: readonly Answer[]): SentAnswers {
  const numbers: number[] = []
  const others: Answer[] = []
  for (const answer of answers) {
    if (answer.kind !== 'commit' || answer.result.kind !== 'committed') {
      numbers.push(OTHER)
      others.push(answer)
      continue
    }
    const { results } = answer.result
    numbers.push(results.length)
    for (const { outcome, versionId, lastUpdated } of results)
      numbers.push(OUTCOMES.indexOf(outcome), versionId, lastUpdated)
  }
  return { answers: answers.length, numbers: new Float64Array(numbers), others }
}

export function unpackAnswers({ answers, numbers, others }: SentAnswers): Answer[] {
  const other = others.values()
  let at = 0
  return Array.from({ length: answers }, (): Answer => {
    const writes = numbers[at++]!
    if (writes === OTHER) return other.next().value!
    const results: WriteResult[] = []
    for (; results.length < writes; at += 3)
      results.push({
        outcome: OUTCOMES[numbers[at]!]!,
        versionId: numbers[at + 1]!,
        lastUpdated: numbers[at + 2]!,
      })
    return { kind: 'commit', result: { kind: 'committed', results } }
  })
}
