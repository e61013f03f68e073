// A ChargeItemDefinition to the rule it states, with every fault told at its element.
import {
  collectFaults,
  elementsOf,
  extensionPartsOf,
  extensionValueOf,
  type Faults,
  type FoundElement,
  isDateTime,
  isJsonObject,
  type Issue,
  type JsonObject,
  oneOfCodes,
  type Resource,
} from '../../fhir/index.ts'
import { type PrepareExpression, readApplicability, readCondition } from './conditions.ts'
import { readExclusion, readPrimary } from './read-code-set.ts'
import { readAuthorization, readFilingLimit } from './read-terms.ts'
import { readBill, readCensus, readConditionCode, readDrug } from './read-program-rule.ts'
import { readUnit } from './read-unit.ts'
import type { Coding } from './service-facts.ts'
import {
  EVIDENCE,
  type ModifierRule,
  type PayerName,
  type PlaceRule,
  type RevenueRule,
  type ServicePrice,
  type ServiceRule,
  type UnitLimit,
} from './service-rule.ts'
import * as urls from './urls.ts'

const ROOT = 'ChargeItemDefinition'

export type ReadRule =
  | { readonly rule: ServiceRule; readonly faults: readonly [] }
  | { readonly rule?: undefined; readonly faults: readonly Issue[] }

/**
 * @param definition a valid ChargeItemDefinition
 * @returns no rule and no faults for one that states no billable service: a draft, or one with nothing of ours
 */
export function readServiceRule(definition: Resource, prepare: PrepareExpression): ReadRule {
  const faults = collectFaults()
  const extensions = elementsOf(definition['extension'], `${ROOT}.extension`, faults)
  const status = definition['status']
  const isOurs = extensions.some(({ value }) => String(value['url']).startsWith(urls.OWN_EXTENSIONS))
  const isInForce = status === 'active' || status === 'retired'
  if (!isInForce || (!isOurs && !namesPayer(definition))) return { faults: [] as const }

  for (const { value, element } of extensions) {
    const url = String(value['url'])
    if (url.startsWith(urls.OWN_EXTENSIONS) && !KNOWN.has(url))
      faults.add(`${element}.url`, `no extension of a service has this url`, 'extension')
  }
  const ofUrl = (url: string) => extensions.filter(({ value }) => value['url'] === url)
  const code = readCode(definition, faults)
  const units = ofUrl(urls.SERVICE_UNIT).flatMap((it) => readUnit(it, code !== undefined, faults) ?? [])
  if (code !== undefined && status === 'active' && ofUrl(urls.SERVICE_UNIT).length !== 1)
    faults.add(ROOT, `a service with a code needs one extension ${urls.SERVICE_UNIT}`, 'required')
  const { version } = definition
  const rule: ServiceRule = {
    canonical: canonicalOf(definition),
    version: typeof version === 'string' ? version : '',
    isBillable: status === 'active',
    ...(code === undefined ? {} : { code }),
    kinds: ofUrl(urls.SERVICE_KIND).flatMap((it) => extensionValueOf(it, 'Coding', faults)?.value ?? []),
    ...readPeriod(definition, faults),
    ...readScope(definition, faults),
    units,
    primaries: ofUrl(urls.SERVICE_PRIMARY).map((it) => readPrimary(it, faults)),
    exclusions: ofUrl(urls.SERVICE_EXCLUDES).map((it) => readExclusion(it, faults)),
    modifiers: ofUrl(urls.SERVICE_MODIFIER).flatMap((it) => readModifier(it, prepare, faults)),
    places: ofUrl(urls.SERVICE_PLACE).map((it) => readPlace(it, prepare, faults)),
    providers: ofUrl(urls.SERVICE_PROVIDER).flatMap(
      (it) => extensionValueOf(it, 'Coding', faults)?.value ?? [],
    ),
    revenues: ofUrl(urls.SERVICE_REVENUE).flatMap((it) => readRevenue(it, faults)),
    limits: ofUrl(urls.SERVICE_LIMIT).flatMap((it) => readLimit(it, faults)),
    authorizations: ofUrl(urls.SERVICE_AUTHORIZATION).flatMap((it) => readAuthorization(it, prepare, faults)),
    filingLimits: ofUrl(urls.SERVICE_FILING_LIMIT).flatMap((it) => readFilingLimit(it, prepare, faults)),
    ...readCensus(ofUrl(urls.SERVICE_CENSUS), faults),
    bills: ofUrl(urls.SERVICE_BILL).flatMap((it) => readBill(it, faults)),
    conditionCodes: ofUrl(urls.SERVICE_CONDITION).flatMap((it) => readConditionCode(it, faults)),
    drugs: ofUrl(urls.SERVICE_DRUG).flatMap((it) => readDrug(it, faults)),
    applicability: applicabilityOf(definition, ROOT, prepare, faults),
    prices: elementsOf(definition['propertyGroup'], `${ROOT}.propertyGroup`, faults).flatMap((it) =>
      readPrice(it, prepare, faults),
    ),
    ...readBasis(ofUrl(urls.SERVICE_BASIS), faults),
  }
  if (rule.units.some(({ basis }) => basis === 'each-additional') && rule.primaries.length === 0)
    faults.add(ROOT, `each-additional units need an extension ${urls.SERVICE_PRIMARY}`, 'required')
  if (rule.filingLimits.length > 0 && code !== undefined)
    faults.add(ROOT, `${urls.SERVICE_FILING_LIMIT} is of a definition for all services, without a code`)
  return faults.issues.length === 0 ? { rule, faults: [] as const } : { faults: faults.issues }
}

const KNOWN: ReadonlySet<string> = new Set(
  Object.values(urls).filter((url) => url.startsWith(urls.OWN_EXTENSIONS) && url !== urls.OWN_EXTENSIONS),
)

function canonicalOf({ url, version, id }: Resource): string {
  const name = typeof url === 'string' ? url : `${ROOT}/${String(id)}`
  return typeof version === 'string' ? `${name}|${version}` : name
}

/** Whether it is for one payer in our terms: that is enough to take a code away. */
function namesPayer({ useContext }: Resource): boolean {
  return (
    Array.isArray(useContext) &&
    useContext.some(
      (it) => isJsonObject(it) && isJsonObject(it['code']) && it['code']['system'] === urls.BILLING_TERMS,
    )
  )
}

/** The first coding of `code`, which names what is billed. */
function readCode(definition: Resource, faults: Faults): Coding | undefined {
  const { code } = definition
  if (code === undefined) return undefined
  const [first] = elementsOf(isJsonObject(code) ? code['coding'] : undefined, `${ROOT}.code.coding`, faults)
  if (first === undefined) {
    faults.add(`${ROOT}.code`, 'it needs a coding', 'required')
    return undefined
  }
  const { system, code: value, display } = first.value
  if (typeof system === 'string' && typeof value === 'string')
    return { system, code: value, ...(typeof display === 'string' ? { display } : {}) }
  faults.add(first.element, 'it needs a system and a code', 'required')
  return undefined
}

function readPeriod(definition: Resource, faults: Faults): Pick<ServiceRule, 'start' | 'end'> {
  const period = isJsonObject(definition['effectivePeriod']) ? definition['effectivePeriod'] : {}
  const bound = (name: 'start' | 'end'): { start?: string; end?: string } => {
    const text = period[name]
    if (text === undefined) return {}
    if (typeof text === 'string' && isDateTime(text)) return { [name]: text.slice(0, 10) }
    faults.add(`${ROOT}.effectivePeriod.${name}`, 'it must be a date')
    return {}
  }
  return { ...bound('start'), ...bound('end') }
}

/** For whom the rule is. A use that is not understood would make a rule of one payer that of everybody. */
function readScope(definition: Resource, faults: Faults): Pick<ServiceRule, 'payers' | 'jurisdictions'> {
  const payers = elementsOf(definition['useContext'], `${ROOT}.useContext`, faults).flatMap(
    ({ value, element }): PayerName[] => {
      const { code, valueReference } = value
      if (!isJsonObject(code) || code['code'] !== 'payer' || code['system'] !== urls.BILLING_TERMS) {
        faults.add(`${element}.code`, `only 'payer' of ${urls.BILLING_TERMS} is understood`, 'not-supported')
        return []
      }
      const { reference, identifier } = isJsonObject(valueReference) ? valueReference : {}
      if (typeof reference === 'string') return [{ reference }]
      const { system, value: text } = isJsonObject(identifier) ? identifier : {}
      if (typeof text === 'string')
        return [{ identifier: { value: text, ...(typeof system === 'string' ? { system } : {}) } }]
      faults.add(`${element}.valueReference`, 'it must name the Organization that pays', 'required')
      return []
    },
  )
  const jurisdictions = elementsOf(definition['jurisdiction'], `${ROOT}.jurisdiction`, faults).flatMap(
    ({ value, element }) =>
      elementsOf(value['coding'], `${element}.coding`, faults).flatMap((coding): Coding[] => {
        const { system, code } = coding.value
        if (typeof code === 'string') return [{ code, ...(typeof system === 'string' ? { system } : {}) }]
        faults.add(coding.element, 'it needs a code', 'required')
        return []
      }),
  )
  const stated = definition['jurisdiction']
  if (Array.isArray(stated) && stated.length > 0 && jurisdictions.length === 0)
    faults.add(`${ROOT}.jurisdiction`, 'it needs a coding', 'required')
  return { payers, jurisdictions }
}

function readModifier(
  found: FoundElement<JsonObject>,
  prepare: PrepareExpression,
  faults: Faults,
): readonly ModifierRule[] {
  const parts = extensionPartsOf(found, { modifier: 'Coding', when: 'Expression' }, faults)
  const modifier = parts.one('modifier')?.value
  const expression = parts.one('when')
  const when = expression && readCondition(expression, prepare, faults)
  if (modifier === undefined) {
    faults.add(found.element, `'modifier' is needed`, 'required')
    return []
  }
  return [{ modifier, ...(when === undefined ? {} : { when }) }]
}

function readPlace(found: FoundElement<JsonObject>, prepare: PrepareExpression, faults: Faults): PlaceRule {
  const parts = extensionPartsOf(found, { code: 'Coding', when: 'Expression' }, faults)
  const codes = parts.all('code').map(({ value }) => value)
  if (codes.length === 0) faults.add(found.element, `'code' is needed`, 'required')
  const expression = parts.one('when')
  const when = expression && readCondition(expression, prepare, faults)
  if (when !== undefined && codes.length > 1) faults.add(found.element, `one 'code' is needed with 'when'`)
  return { codes, ...(when === undefined ? {} : { when }) }
}

function readRevenue(found: FoundElement<JsonObject>, faults: Faults): readonly RevenueRule[] {
  const parts = extensionPartsOf(found, { code: 'Coding', level: 'Coding' }, faults)
  const code = parts.one('code')?.value
  const level = parts.one('level')?.value
  if (code !== undefined) return [{ code, ...(level === undefined ? {} : { level }) }]
  faults.add(found.element, `'code' is needed`, 'required')
  return []
}

function readLimit(found: FoundElement<JsonObject>, faults: Faults): readonly UnitLimit[] {
  const parts = extensionPartsOf(found, { units: 'positiveInt', days: 'positiveInt' }, faults)
  const units = parts.one('units')?.value
  const days = parts.one('days')?.value
  if (units !== undefined && days !== undefined) return [{ units, days }]
  faults.add(found.element, `'units' and 'days' are needed`, 'required')
  return []
}

function readPrice(
  { value, element }: FoundElement<JsonObject>,
  prepare: PrepareExpression,
  faults: Faults,
): readonly ServicePrice[] {
  const components = elementsOf(value['priceComponent'], `${element}.priceComponent`, faults)
  const base = components.find((it) => it.value['type'] === 'base')
  if (base === undefined) return []
  const { amount } = base.value
  if (isJsonObject(amount) && typeof amount['value'] === 'number' && amount['value'] >= 0)
    return [{ amount, applicability: applicabilityOf(value, element, prepare, faults) }]
  faults.add(`${base.element}.amount`, 'a base price needs an amount that is not negative', 'required')
  return []
}

function applicabilityOf(
  owner: JsonObject,
  element: string,
  prepare: PrepareExpression,
  faults: Faults,
): ServiceRule['applicability'] {
  return readApplicability(
    elementsOf(owner['applicability'], `${element}.applicability`, faults),
    prepare,
    faults,
  )
}

function readBasis(
  found: readonly FoundElement<JsonObject>[],
  faults: Faults,
): Pick<ServiceRule, 'evidence'> {
  const [first, second] = found
  if (second !== undefined) faults.add(second.element, 'it may be there once', 'extension')
  if (first === undefined) return {}
  const parts = extensionPartsOf(first, { evidence: 'code', source: 'string', note: 'string' }, faults)
  const evidence = oneOfCodes(parts.one('evidence'), EVIDENCE, faults)
  return evidence === undefined ? {} : { evidence }
}
