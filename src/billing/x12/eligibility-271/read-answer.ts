// Reads a 271 segment by segment.
import { FhirError } from '../../../fhir/index.ts'
import { optional } from '../claim-837/read-parties.ts'
import type { TransactionSet } from '../envelope.ts'
import { Levels } from '../levels.ts'
import { SetReader } from '../loops.ts'
import { readRejections, type Rejection } from '../rejections.ts'
import type { Segment } from '../segments.ts'
import { readAnsweredTraces } from '../traces.ts'
import { readDate, readPeriod } from '../values.ts'
import type { AnsweredDate, AnsweredParty, AnsweredPerson, Benefit, EligibilityAnswer } from './answer.ts'
import { readBenefit } from './read-benefit.ts'

/** What all benefits of a set tell of their service types, past any that a payer has: it bounds what a hostile file costs. */
const MOST_TOLD = 100_000

/**
 * An answer for each patient; for a payer or provider that was refused, one without a patient. 400, naming segment and
 * element, for what is no 271. Addresses, contacts of the payer, and diagnoses are passed over.
 */
export function readEligibilityAnswers(set: TransactionSet): readonly EligibilityAnswer[] {
  if (set.id !== '271') throw set.start.fault(1, undefined, 'must be 271')
  if (!set.version.startsWith('005010X279')) throw set.start.fault(3, undefined, 'must be 005010X279A1')
  const reader = new SetReader(set)
  const begin = reader.need('BHT')
  begin.oneOf(1, ['0022'])
  const heading = { reference: begin.at(3), date: readDate(begin, 4) }
  const answers = new AnswerReader(reader, heading).read()
  reader.end()
  return answers
}

type Heading = Pick<EligibilityAnswer, 'reference' | 'date'>

class AnswerReader {
  readonly #reader: SetReader
  readonly #levels: Levels
  readonly #heading: Heading
  readonly #answers: EligibilityAnswer[] = []
  #told = 0

  constructor(reader: SetReader, heading: Heading) {
    this.#reader = reader
    this.#levels = new Levels(reader)
    this.#heading = heading
  }

  read(): readonly EligibilityAnswer[] {
    do this.#readSource()
    while (this.#levels.comes('20'))
    return this.#answers
  }

  #readSource(): void {
    const reader = this.#reader
    const source = this.#levels.take('20', undefined)
    const refused = readRejections(reader, '2000A')
    const payer = partyIn(reader.need('NM1'))
    const { rejections } = readAbout(reader, '2100A', ['PER', 'PRV'])
    const above = { payer, rejections: [...refused, ...rejections] }
    if (!this.#levels.comes('21')) this.#answer({ ...above, ...NOTHING })
    while (this.#levels.comes('21')) this.#readReceiver(source, above)
  }

  #readReceiver(source: number, above: Pick<EligibilityAnswer, 'payer' | 'rejections'>): void {
    const receiver = this.#levels.take('21', source)
    const provider = partyIn(this.#reader.need('NM1'))
    const { rejections } = readAbout(this.#reader, '2100B', ['REF', 'N3', 'N4', 'PRV'])
    const known = { ...above, provider, rejections: [...above.rejections, ...rejections] }
    if (!this.#levels.comes('22')) this.#answer({ ...known, ...NOTHING })
    while (this.#levels.comes('22')) {
      const level = this.#levels.take('22', receiver)
      const { person: subscriber, ...told } = this.#readPatient('IL', 'C')
      const all = [...known.rejections, ...told.rejections]
      const dependents = this.#levels.comes('23')
      if (!dependents || told.benefits.length > 0)
        this.#answer({ ...known, ...told, subscriber, rejections: all })
      while (this.#levels.comes('23')) {
        this.#levels.take('23', level)
        const { person: dependent, ...own } = this.#readPatient('03', 'D')
        this.#answer({ ...known, ...own, subscriber, dependent, rejections: [...all, ...own.rejections] })
      }
    }
  }

  #readPatient(entity: string, loop: 'C' | 'D') {
    const reader = this.#reader
    const traces = readAnsweredTraces(reader)
    const name = reader.need('NM1', [entity])
    const about = readAbout(reader, `2100${loop}`, PATIENT)
    const benefits: Benefit[] = []
    while (reader.peek('EB') !== undefined) {
      const benefit = readBenefit(reader, `2110${loop}`)
      benefits.push(benefit)
      this.#told += toldBy(benefit)
      if (this.#told > MOST_TOLD) throw new FhirError('too-large', 'A 271 may not tell so many benefits.')
    }
    const { rejections, dates, references, birth } = about
    const person: AnsweredPerson = {
      ...partyIn(name),
      ...optional('first', name.at(4)),
      ...optional('middle', name.at(5)),
      ...(birth === undefined || birth.at(2) === '' ? {} : { birthDate: readDate(birth, 2) }),
      ...optional('sex', birth?.at(3) ?? ''),
      references,
    }
    const refused = benefits.flatMap((benefit) => benefit.rejections)
    return { person, traces, dates, benefits, rejections: [...rejections, ...refused] }
  }

  #answer(told: Omit<EligibilityAnswer, keyof Heading>): void {
    this.#answers.push({ ...this.#heading, ...told })
  }
}

const NOTHING = { traces: [], dates: [], benefits: [] }
const PATIENT = ['REF', 'N3', 'N4', 'PER', 'PRV', 'DMG', 'INS', 'HI', 'DTP', 'MPI'] as const

function toldBy({ serviceTypes, deliveries, messages, places, entities }: Benefit): number {
  const each = 1 + deliveries.length + messages.length + places.length + entities.length
  return Math.max(1, serviceTypes.length) * each
}

function partyIn(segment: Segment): AnsweredParty {
  return { ...optional('name', segment.at(3)), ...optional('id', segment.at(9)) }
}

/** What follows a name, in whatever order the payer has it: these segments, and AAA. */
function readAbout(reader: SetReader, loop: string, allowed: readonly string[]) {
  const rejections: Rejection[] = []
  const dates: AnsweredDate[] = []
  const references: { qualifier: string; value: string }[] = []
  let birth: Segment | undefined
  for (;;) {
    rejections.push(...readRejections(reader, loop))
    const segment = reader.takeAny(allowed)
    if (segment === undefined) return { rejections, dates, references, birth }
    if (segment.id === 'DTP') dates.push({ qualifier: segment.need(1), ...readPeriod(segment) })
    if (segment.id === 'REF') references.push({ qualifier: segment.need(1), value: segment.need(2) })
    if (segment.id === 'DMG') birth = segment
  }
}
