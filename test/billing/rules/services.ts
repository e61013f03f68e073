// The services that ship, read as the server reads them, and short ways to ask for lines.
import { readdirSync, readFileSync } from 'node:fs'
import {
  type BilledServices,
  type Coding,
  linesFor,
  type PerformedService,
  readServiceRules,
  type RuleBook,
  type ServiceFacts,
} from '../../../src/billing/index.ts'
import { type JsonObject, parseJson, prepareFhirPath, type Resource } from '../../../src/fhir/index.ts'

export const CPT = 'http://www.ama-assn.org/go/cpt'
export const HCPCS = 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets'
export const PLACES = 'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set'
export const KINDS = 'https://alcove.health/fhir/CodeSystem/billable-services'
export const EXTENSION = 'https://alcove.health/fhir/StructureDefinition/service-'

const folder = new URL('../../../profiles/billing/', import.meta.url)

/** Every resource of profiles/billing/, those of services too. */
export const shipped: readonly Resource[] = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.json'))
  .toSorted()
  .map((file) => parseJson(readFileSync(new URL(file, folder))) as Resource)

export const definitions = shipped.filter(({ resourceType }) => resourceType === 'ChargeItemDefinition')

/** Without the full engine: what ships needs nothing that is beyond the compiled subset. */
export const bookOf = (resources: readonly Resource[]): RuleBook =>
  readServiceRules(resources, (expression) => prepareFhirPath(expression))

export const book = bookOf(definitions)

export const DATE = '2026-03-02'

export function codeOf(code: string): Coding {
  return { system: /^\d{5}$/.test(code) ? CPT : HCPCS, code }
}

/** A kind where the name has a small letter, else a code. */
export function done(name: string, minutes?: number, quantity?: number): PerformedService {
  return {
    codings: [/[a-z]/.test(name) ? { system: KINDS, code: name } : codeOf(name)],
    ...(minutes === undefined ? {} : { minutes }),
    ...(quantity === undefined ? {} : { quantity }),
  }
}

export function bill(
  services: readonly PerformedService[],
  more: Partial<ServiceFacts> = {},
  by: RuleBook = book,
): BilledServices {
  return linesFor(by, { date: DATE, services, ...more })
}

/** `code x units`, each line in turn. */
export function shown({ lines }: BilledServices): readonly string[] {
  return lines.map(({ code, units }) => `${code.code} x${units}`)
}

export function problems({ warnings }: BilledServices): readonly string[] {
  return warnings.map(({ severity, problem, denial }) =>
    [severity, problem, ...(denial === undefined ? [] : [denial])].join(' '),
  )
}

/** The definition that ships for a code. */
export function definitionOf(code: string): Resource {
  const found = definitions.find(({ url }) => String(url).endsWith(`/${code}`))
  if (found === undefined) throw new Error(`${code} does not ship`)
  return found
}

/** Another definition, with other elements and some extensions exchanged by their name. */
export function changed(
  code: string,
  elements: JsonObject,
  extensions: Readonly<Record<string, readonly JsonObject[]>> = {},
): Resource {
  const definition = definitionOf(code)
  const kept = (definition['extension'] as JsonObject[]).filter(
    ({ url }) => !Object.hasOwn(extensions, String(url).slice(EXTENSION.length)),
  )
  const others = Object.entries(extensions).flatMap(([name, values]) =>
    values.map((value) => ({ url: EXTENSION + name, ...value })),
  )
  return { ...definition, extension: [...kept, ...others], ...elements }
}

/** `useContext` of a payer that is named by an identifier. */
export function payer(value: string): JsonObject {
  return {
    code: { system: 'https://alcove.health/fhir/CodeSystem/billing-terms', code: 'payer' },
    valueReference: { identifier: { system: 'urn:payers', value } },
  }
}

export const paidBy = (value: string): Pick<ServiceFacts, 'payer'> => ({
  payer: { references: [], identifiers: [{ system: 'urn:payers', value }] },
})

/** A unit as a rule states it. */
export function unit(basis: string, rest: Readonly<Record<string, number | string>> = {}): JsonObject {
  return {
    extension: [
      { url: 'basis', valueCode: basis },
      ...Object.entries(rest).map(([url, value]) =>
        typeof value === 'number' ? { url, valuePositiveInt: value } : { url, valueCode: value },
      ),
    ],
  }
}
