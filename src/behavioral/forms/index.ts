// Forms beyond their scores: are responses right, what is known of their answers, and what else they say.
export { containedQuestionnaire, extract, type Extracted, type ExtractionParts } from './extract.ts'
export { launchContexts, type LaunchContext } from './launch-contexts.ts'
export { populate, type Populated, type PopulationParts } from './populate.ts'
export { FormReader, NOTHING_STORED, type FormLookup } from './reader.ts'
export {
  responseValidator,
  validateResponse,
  type ResponseValidator,
} from './response-validation.ts'
export { isVariableName } from './variables.ts'
