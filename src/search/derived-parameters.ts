// Names under which extraction keeps more of a parameter's values than its plain entries, and queries ask for them.

/** No parameter's code has a colon, so these stand beside the codes. */
const derived =
  (suffix: string) =>
  (code: string): string =>
    `${code}:${suffix}`

/** String entries: CodeableConcept.text, Coding.display, Identifier.type.text of a token parameter's values (`:text`). */
export const textOf = derived('text')
/** Token entries: Reference.identifier of a reference parameter's values (`:identifier`). */
export const identifierOf = derived('identifier')
/** Token entries: the system of a coding of Identifier.type, and its code and the value as `code|value` (`:of-type`). */
export const ofTypeOf = derived('of-type')
/** Token entries without a system: mime types in small letters and without their parameters (`:below`). */
export const mimeTypeOf = derived('mime-type')
/** Quantity entries: a UCUM quantity in base units; `code` the base units as UCUM writes them. */
export const canonicalOf = derived('ucum')
/** One token entry without a system, `true`: the parameter has a value that gives no entry, such as a Reference with a display alone. */
export const valuelessOf = derived('valueless')
/** Uri entries: the other canonicals by which responses name a Questionnaire, of its `url` (`:alias`). */
export const aliasOf = derived('alias')
