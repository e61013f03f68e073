// Search's face: the registry of parameters, query text -> SearchQuery, resource -> index entries.
export { createSearch, type Search, type SearchParts } from './search.ts'
export type { ParsedSearch, SearchOptions } from './query-text/parse-search.ts'
export { splitUnescaped, unescaped } from './query-text/escapes.ts'
export { foldString } from './fold-string.ts'
export { containedIn, matchesIndex, type Candidate } from './match.ts'
export { NO_LOOKUP, type SearchLookup } from './lookup.ts'
export type { CompartmentCode, SearchScope } from './query-text/scope.ts'
export type { CustomChange, CustomParameter } from './custom-parameter.ts'
export { QUESTIONNAIRE_ALIAS, QUESTIONNAIRE_ALIASES } from './extraction/questionnaire-aliases.ts'
export type { ContainedSearch } from './query-text/contained.ts'
export {
  GENERAL_PARAMETERS,
  INCLUDE_MODIFIERS,
  RESULT_PARAMETERS,
  SHAPING_PARAMETERS,
  SUPPORT,
  type Modifier,
  type ParameterSupport,
} from './query-text/support.ts'
