// What scoring a response costs by the instruments that ship, in this process: no reading, no writing, no HTTP.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Instrument, readInstrument, scoreResponse } from '../../src/behavioral/index.ts'
import { evaluatorOnDemand, type JsonObject, parseJson, type Resource } from '../../src/fhir/index.ts'
import { cpuMicroseconds } from './cpu-microseconds.ts'

export interface ScoringCost {
  /** Id of the Questionnaire. */
  readonly instrument: string
  /** Of processor, a response with all its answers. */
  readonly microseconds: number
}

const FOLDER = fileURLToPath(new URL('../../profiles/questionnaires/', import.meta.url))
const RESPONSES = 50

/** `seconds`: for all of them together. */
export function measureScoring(seconds: number): readonly ScoringCost[] {
  const instruments = readdirSync(FOLDER).flatMap((file) => {
    const resource = parseJson(readFileSync(path.join(FOLDER, file))) as Resource
    return readInstrument(resource, evaluatorOnDemand) ?? []
  })
  return instruments.map((instrument) => ({
    instrument: String(instrument.questionnaire['id']),
    microseconds: cpuMicroseconds(seconds / instruments.length, responsesTo(instrument), (response) =>
      scoreResponse(instrument, response, { patient: undefined }),
    ),
  }))
}

/** Each with other answers, as the server meets it: just parsed. */
function responsesTo({ url, questions }: Instrument): readonly Resource[] {
  return Array.from({ length: RESPONSES }, (_, n) => {
    const item = [...questions.values()].map(({ linkId, options }, at): JsonObject => {
      const option = options[(n + at) % options.length]
      const answer = option === undefined ? { valueInteger: 1 } : { [option.property]: option.value }
      return { linkId, answer: [answer] }
    })
    const response = { resourceType: 'QuestionnaireResponse', questionnaire: url, status: 'completed', item }
    return parseJson(Buffer.from(JSON.stringify(response))) as Resource
  })
}
