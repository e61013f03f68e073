// $everything of a Patient, of all Patients, of an Encounter: a compartment with what supports it
// (https://hl7.org/fhir/R4/operation-patient-everything.html, operation-encounter-everything.html).
import { labelsKeptApart, labelsNamed, NOTES_KEPT_APART, notesNamed } from '../access/index.ts'
import type { Definitions } from '../fhir/index.ts'
import {
  and,
  chainMatch,
  compartmentMatch,
  idMatch,
  lastUpdatedMatch,
  localReferenceMatch,
  or,
  searchQuery,
  typedCondition,
  type Expression,
  type Include,
  type SecurityLabel,
  type TypedCondition,
} from '../store/index.ts'
import { carePeriodCondition, type CarePeriod } from './care-dates.ts'
import {
  BY_ANY_METHOD,
  type Operation,
  type OperationAnswer,
  type OperationCall,
  type Pair,
} from './operation.ts'
import { readDate, readInstant, readTypes, readWhole, refused, refuseOthers, single } from './parameters.ts'

const SINCE = { name: '_since', documentation: 'Only resources written at or after this instant.' }
const TYPE = { name: '_type', documentation: 'Only resources of these types, by commas.' }
const COUNT = {
  name: '_count',
  documentation: 'Resources a page; as many as a page may hold when not given.',
}
const SECURITY = {
  name: '_security',
  documentation:
    'A label of notes that the law keeps apart, such as PSYTHPN or sud-counseling-notes: they come too. Otherwise they are left out.',
}
const START = { name: 'start', documentation: 'Only care on or after this date.' }
const END = { name: 'end', documentation: 'Only care on or before this date.' }

export const PATIENT_EVERYTHING: Operation = {
  name: 'everything',
  type: 'Patient',
  levels: { instance: BY_ANY_METHOD, type: BY_ANY_METHOD },
  takesResource: [],
  affectsState: false,
  answers: 'Bundle',
  definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
  summary: 'All that is in the compartment of a Patient, or of every Patient, with what it refers to.',
  parameters: [START, END, SINCE, TYPE, COUNT, SECURITY],
  run: (call) => everything(call, 'Patient', [START, END, SINCE, TYPE, COUNT, SECURITY]),
}

export const ENCOUNTER_EVERYTHING: Operation = {
  name: 'everything',
  type: 'Encounter',
  levels: { instance: BY_ANY_METHOD },
  takesResource: [],
  affectsState: false,
  answers: 'Bundle',
  definition: 'http://hl7.org/fhir/OperationDefinition/Encounter-everything',
  summary: 'An Encounter and all that belongs to it, with what it refers to.',
  parameters: [SINCE, TYPE, COUNT, SECURITY],
  run: (call) => everything(call, 'Encounter', [SINCE, TYPE, COUNT, SECURITY]),
}

type Kind = 'Patient' | 'Encounter'

async function everything(
  call: OperationCall,
  kind: Kind,
  parameters: Operation['parameters'],
): Promise<OperationAnswer> {
  const { definitions, repository, id, maxCount } = call
  const pairs = refuseOthers(
    call.pairs,
    parameters.map(({ name }) => name),
    call.handling,
  )
  const types = readTypes(pairs, definitions)
  const since = readInstant('_since', single(pairs, '_since'))
  const start = readDate('start', single(pairs, 'start'))
  const end = readDate('end', single(pairs, 'end'))
  const count = Math.min(readWhole('_count', single(pairs, '_count'), 0) ?? maxCount, maxCount)
  const leavingOut = labelsLeftOut(pairs)
  const period: CarePeriod = { low: start?.low ?? -Infinity, high: end?.high ?? Infinity }
  // Later pages show the moment of the first, whatever became of it meanwhile.
  if (id !== '' && !call.paging) await repository.read(kind, id)

  const recent: readonly Expression[] =
    since === undefined ? [] : [lastUpdatedMatch({ comparator: 'ge', low: since, high: since + 1 })]
  const isOpen = start === undefined && end === undefined && since === undefined
  const from = membersOf(kind, id, definitions)
    .filter(({ type }) => types?.has(type) ?? true)
    .map((member) => {
      if (isOpen) return member
      const { type, where } = member
      const care = carePeriodCondition(type, period)
      return typedCondition(type, and([where, ...recent, ...(care === undefined ? [] : [care])]))
    })
  const query = searchQuery({
    from,
    count,
    total: count === 0 ? 'accurate' : 'none',
    includes: compartmentOf(kind, definitions).supporting.filter(
      ({ target }) => types?.has(target as string) ?? true,
    ),
  })
  return { kind: 'search', query, leavingOut, used: usedOf(pairs, count) }
}

/** The compartment by R4's CompartmentDefinition; of every Patient when there is no id. */
function membersOf(kind: Kind, id: string, definitions: Definitions): TypedCondition[] {
  const anyPatient = [typedCondition('Patient', and([]))]
  const inside = kind === 'Patient' && id !== '' ? compartmentMatch([id]) : undefined
  return compartmentOf(kind, definitions).members.map(({ type, params }) => {
    if (inside !== undefined) return typedCondition(type, inside)
    if (type === kind && id === '') return typedCondition(type, and([]))
    if (kind === 'Patient')
      return typedCondition(type, or(params.map((param) => chainMatch(param, anyPatient))))
    const referring = params.map((param) => localReferenceMatch(param, [kind], id))
    return typedCondition(type, type === kind ? or([idMatch(id), ...referring]) : or(referring))
  })
}

interface Members {
  readonly type: string
  /** By which they refer to what the compartment is of. */
  readonly params: readonly string[]
}

interface Compartment {
  /** Its own type among them. */
  readonly members: readonly Members[]
  readonly supporting: readonly Include[]
}

const compartments = new WeakMap<Definitions, Map<Kind, Compartment>>()

/** What all types say of it, gone through once. */
function compartmentOf(kind: Kind, definitions: Definitions): Compartment {
  let known = compartments.get(definitions)
  if (known === undefined) compartments.set(definitions, (known = new Map<Kind, Compartment>()))
  let compartment = known.get(kind)
  if (compartment === undefined) {
    compartment = { members: members(kind, definitions), supporting: supporting(kind, definitions) }
    known.set(kind, compartment)
  }
  return compartment
}

function members(kind: Kind, definitions: Definitions): readonly Members[] {
  return definitions.resourceTypes.flatMap((type) => {
    const params = definitions.compartment(kind, type).filter((param) => param !== '{def}')
    return type !== kind && params.length === 0 ? [] : [{ type, params }]
  })
}

/**
 * What the record refers to: whoever took part, places, drugs, definitions. Never what is in a Patient's compartment
 * itself: a reference to another patient's record does not bring that along; an Encounter's own patient comes with it.
 */
function supporting(kind: Kind, definitions: Definitions): readonly Include[] {
  return definitions.resourceTypes
    .filter((type) => type !== kind && definitions.compartment(kind, type).length === 0)
    .filter(
      (type) =>
        (kind === 'Encounter' && type === 'Patient') || definitions.compartment('Patient', type).length === 0,
    )
    .filter((type) => type !== 'Patient' || kind === 'Encounter')
    .map((target) => ({
      direction: 'forward',
      iterate: false,
      source: undefined,
      param: undefined,
      target,
    }))
}

/** Of the notes kept apart, those that are not asked for by name. @throws FhirError `invalid-search` for other labels */
function labelsLeftOut(pairs: readonly Pair[]): readonly SecurityLabel[] {
  const asked = labelsNamed(pairs.filter(([name]) => name === SECURITY.name).map(([, value]) => value))
  if (asked.some((name) => notesNamed(name) === undefined)) {
    const known = NOTES_KEPT_APART.map(
      ({ title, labels }) => `${title} (${labels.map(({ code }) => code).join(', ')})`,
    )
    throw refused(SECURITY.name, `it names notes that are to come too: ${known.join(' or ')}.`)
  }
  return labelsKeptApart(asked)
}

function usedOf(pairs: readonly Pair[], count: number): readonly Pair[] {
  return pairs.map(([name, value]) => [name, name === '_count' ? String(count) : value])
}
