// The items of a FHIR Claim as lines of an 837.
import type { JsonObject, Resource } from '../../../fhir/index.ts'
import { writtenDecimal } from '../../money.ts'
import { x12Code } from '../characters.ts'
import { required, unwritable } from '../fault.ts'
import { chargeAt, shortestDecimal } from '../values.ts'
import { LINE_CONTROL_NUMBER } from './claim-bundle.ts'
import { SYSTEMS } from '../../systems.ts'
import { MOST_LINES, type ClaimKind, type Drug, type Line, type Period, type Provider } from './content.ts'
import { codeIn, numbersAt, objectAt, objectsAt, textAt } from '../../elements.ts'

export interface LineSource {
  readonly claim: Resource
  readonly kind: ClaimKind
  /** Position among the claim's diagnoses of each `Claim.diagnosis.sequence`. */
  readonly positions: ReadonlyMap<number, number>
  /** Rendering providers by `Claim.careTeam.sequence`; undefined for the claim's own. */
  readonly rendering: ReadonlyMap<number, Provider | undefined>
}

/** 422 for no items or too many, and, naming the item's element, for what a line must have. */
export function linesOf(source: LineSource): readonly Line[] {
  const items = objectsAt(source.claim, 'item')
  const most = MOST_LINES[source.kind]
  if (items.length < 1 || items.length > most) throw unwritable('Claim.item', `must be from 1 to ${most}`)
  return items.map((item, index) => lineOf(source, item, `Claim.item[${index}]`))
}

function lineOf(source: LineSource, item: JsonObject, at: string): Line {
  const { kind } = source
  const modifiers = objectsAt(item, 'modifier').map((one) =>
    x12Code(required(codeIn(one), `${at}.modifier`, 'must have a code'), 2, `${at}.modifier`),
  )
  if (modifiers.length > 4) throw unwritable(`${at}.modifier`, 'may be no more than four')
  const code = codeIn(objectAt(item, 'productOrService'), SYSTEMS.cpt, SYSTEMS.hcpcs)
  if (code === undefined && (kind === 'professional' || modifiers.length > 0))
    throw unwritable(`${at}.productOrService`, 'must be coded in CPT or HCPCS')
  const controlNumber = controlNumberOf(item)
  const drug = drugOf(item, at)
  const serviced = servicedOf(item, at)
  if (kind === 'professional' && serviced === undefined) throw unwritable(`${at}.serviced`, 'is required')
  return {
    ...(kind === 'institutional' ? { revenue: revenueOf(item, at) } : {}),
    ...(code === undefined ? {} : { code: x12Code(code, 48, `${at}.productOrService`) }),
    modifiers,
    charge: chargeAt(objectAt(item, 'net'), 'value', `${at}.net.value`),
    ...quantityOf(item, kind, at),
    ...(kind === 'professional' ? placeOf(item, at) : {}),
    pointers: kind === 'professional' ? pointersOf(source, item, at) : [],
    ...(serviced === undefined ? {} : { serviced }),
    ...(controlNumber === undefined ? {} : { controlNumber: x12Code(controlNumber, 50, `${at}.extension`) }),
    ...(drug === undefined ? {} : { drug }),
    ...renderingOf(source, item),
  }
}

function revenueOf(item: JsonObject, at: string): string {
  const code = codeIn(objectAt(item, 'revenue'), SYSTEMS.revenue)
  return x12Code(required(code, `${at}.revenue`, 'is required').padStart(4, '0'), 4, `${at}.revenue`)
}

function quantityOf(item: JsonObject, kind: ClaimKind, at: string): Pick<Line, 'unit' | 'quantity'> {
  const quantity = objectAt(item, 'quantity') ?? {}
  const unit = textAt(quantity, 'unit') ?? 'UN'
  const allowed = kind === 'professional' ? (['UN', 'MJ'] as const) : (['UN', 'DA'] as const)
  const known = allowed.find((one) => one === unit)
  if (known === undefined) throw unwritable(`${at}.quantity.unit`, `must be one of ${allowed.join(', ')}`)
  const text = writtenDecimal(quantity, 'value', `${at}.quantity.value`)
  if (!/^\d{1,8}(\.\d{1,3})?$/.test(text))
    throw unwritable(`${at}.quantity.value`, 'must be a decimal from 0 with no more than three decimals')
  return { unit: known, quantity: shortestDecimal(text) }
}

function placeOf(item: JsonObject, at: string): Pick<Line, 'place'> {
  const code = codeIn(objectAt(item, 'locationCodeableConcept'), SYSTEMS.place)
  return code === undefined ? {} : { place: x12Code(code, 2, `${at}.locationCodeableConcept`) }
}

function pointersOf({ positions }: LineSource, item: JsonObject, at: string): readonly number[] {
  const pointers = numbersAt(item, 'diagnosisSequence').map((sequence) =>
    required(positions.get(sequence), `${at}.diagnosisSequence`, 'names no diagnosis of the claim'),
  )
  if (pointers.length < 1 || pointers.length > 4)
    throw unwritable(`${at}.diagnosisSequence`, 'must be from one to four')
  return pointers
}

function servicedOf(item: JsonObject, at: string): Period | undefined {
  const day = textAt(item, 'servicedDate')
  const period = objectAt(item, 'servicedPeriod')
  const [start, end] = day === undefined ? [textAt(period, 'start'), textAt(period, 'end')] : [day, day]
  if (start === undefined && end === undefined) return undefined
  if (start === undefined || end === undefined || start.length < 10 || end.length < 10)
    throw unwritable(`${at}.serviced`, 'must name whole days')
  const read = { start: start.slice(0, 10), end: end.slice(0, 10) }
  if (read.end < read.start) throw unwritable(`${at}.serviced`, 'ends before it starts')
  return read
}

function controlNumberOf(item: JsonObject): string | undefined {
  const found = objectsAt(item, 'extension').find((one) => one.url === LINE_CONTROL_NUMBER)
  return textAt(objectAt(found, 'valueIdentifier'), 'value')
}

/** CTP05 as the guide has it. */
const DRUG_UNITS = ['F2', 'GR', 'ME', 'ML', 'UN']

function drugOf(item: JsonObject, at: string): Drug | undefined {
  const details = objectsAt(item, 'detail')
  if (details.length === 0) return undefined
  const code = codeIn(objectAt(details[0], 'productOrService'), SYSTEMS.ndc)?.replaceAll('-', '')
  if (details.length > 1 || !/^\d{11}$/.test(code ?? ''))
    throw unwritable(`${at}.detail`, 'must be one drug, by an NDC of eleven digits')
  const quantity = objectAt(details[0], 'quantity') ?? {}
  const unit = textAt(quantity, 'unit') ?? 'UN'
  if (!DRUG_UNITS.includes(unit))
    throw unwritable(`${at}.detail[0].quantity.unit`, `must be one of ${DRUG_UNITS.join(', ')}`)
  const text = writtenDecimal(quantity, 'value', `${at}.detail[0].quantity.value`)
  if (!/^\d{1,8}(\.\d{1,3})?$/.test(text))
    throw unwritable(`${at}.detail[0].quantity.value`, 'must be a decimal with no more than three decimals')
  return { ndc: code as string, quantity: shortestDecimal(text), unit }
}

function renderingOf({ rendering }: LineSource, item: JsonObject): Pick<Line, 'rendering'> {
  for (const sequence of numbersAt(item, 'careTeamSequence')) {
    const provider = rendering.get(sequence)
    if (provider !== undefined) return { rendering: provider }
  }
  return {}
}
