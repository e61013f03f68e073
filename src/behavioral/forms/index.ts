// Forms beyond their scores: are responses right, what is known of their answers, and what else they say.
export { containedQuestionnaire, extract, type Extracted, type ExtractionParts } from './extract.ts'
export { FormReader } from './reader.ts'
export {
  responseValidator,
  validateResponse,
  type ResponseValidator,
} from './response-validation.ts'
