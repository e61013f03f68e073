// A visit by video or audio is billed as one, and no other is: modality, modifiers and place agree as the rules have it.
import { codesOf, isSameCode, modifiersOf, placeOf, type Coding } from '../rules/index.ts'
import type { BilledLine } from './billed-line.ts'
import { environmentOfClaim, type ClaimUnderCheck, type Edit } from './claim-under-check.ts'
import type { Fault } from './finding.ts'
import { placeOfLine } from './places.ts'
import { ruleOf } from './rule-of.ts'

type Modality = 'in-person' | 'video' | 'audio'

/** What the rules give a line for one modality. */
interface Marks {
  readonly modifiers: readonly Coding[]
  /** Of a patient at home, and elsewhere; none where the place does not follow from the modality. */
  readonly places: readonly Coding[]
}

export const TELEHEALTH: Edit = (context) =>
  context.lines.flatMap((line): readonly Fault[] => {
    const marks = marksOf(context, line)
    if (marks === undefined) return []
    const place = placeOfLine(context, line)
    const modality = modalityOf(context, line)
    return modality === undefined
      ? unknownModality(line, place, marks)
      : [...modifierFaults(line, modality, marks), ...placeFaults(line, place, modality, marks, context.kind)]
  })

function modifierFaults(
  { at, name, modifiers }: BilledLine,
  modality: Modality,
  marks: MarksByModality,
): readonly Fault[] {
  const wanted = marks[modality].modifiers
  const missing = without(wanted, modifiers)
  const others = without([...marks.video.modifiers, ...marks.audio.modifiers], wanted)
  const wrong = modifiers.filter((one) => has(others, one))
  if (missing.length === 0 && wrong.length === 0) return []
  const told = [
    ...(missing.length === 0 ? [] : [`lacks ${codesOf(missing)}`]),
    ...(wrong.length === 0 ? [] : [`has ${codesOf(wrong)}`]),
  ]
  return [
    {
      edit: 'telehealth-modifier',
      at: `${at}.modifier`,
      what: `the visit was ${tell(modality)}, and ${name} ${told.join(' and ')}`,
    },
  ]
}

function placeFaults(
  { at, name }: BilledLine,
  place: Coding | undefined,
  modality: Modality,
  marks: MarksByModality,
  kind: ClaimUnderCheck['kind'],
): readonly Fault[] {
  // The 837I tells no places of lines.
  if (kind === 'institutional' || place === undefined) return []
  const wanted = marks[modality].places
  const others = without([...marks.video.places, ...marks.audio.places], wanted)
  const isWrong = wanted.length > 0 ? !has(wanted, place) : has(others, place)
  if (!isWrong) return []
  const instead = wanted.length === 0 ? '' : `, not ${codesOf(wanted)}`
  return [
    {
      edit: 'telehealth-place',
      at: `${at}.locationCodeableConcept`,
      what: `the visit was ${tell(modality)}, and the place of service of ${name} is ${place.code}${instead}`,
    },
  ]
}

/** Nothing says how the visit was: then modifier and place must say the same. */
function unknownModality(
  line: BilledLine,
  place: Coding | undefined,
  { video, audio }: MarksByModality,
): readonly Fault[] {
  const { at, name, modifiers } = line
  const [ofVideo, ofAudio] = [video, audio].map((one) => one.modifiers.some((it) => has(modifiers, it)))
  const places = [...video.places, ...audio.places]
  if (place === undefined || places.length === 0) return []
  const isRemotePlace = has(places, place)
  if ((ofVideo || ofAudio) && !isRemotePlace)
    return [
      {
        edit: 'telehealth-place',
        at: `${at}.locationCodeableConcept`,
        what: `${name} has a modifier of telehealth, and its place of service is ${place.code}`,
      },
    ]
  const mayBeWithout = video.modifiers.length === 0 || audio.modifiers.length === 0
  if (isRemotePlace && !ofVideo && !ofAudio && !mayBeWithout)
    return [
      {
        edit: 'telehealth-modifier',
        at: `${at}.modifier`,
        what: `the place of service of ${name} is ${place.code}, and it has none of the modifiers of telehealth`,
      },
    ]
  return []
}

type MarksByModality = Readonly<Record<Modality, Marks>>

/** Only what a modality brings that a visit in person does not: other modifiers and places are not looked at. */
function marksOf(context: ClaimUnderCheck, line: BilledLine): MarksByModality | undefined {
  const rule = ruleOf(context, line)
  if (rule === undefined || line.days === undefined) return undefined
  const { general } = context.rulesOn(line.days.first)
  const base = environmentOfClaim(context, { ...line, place: OFFICE })
  const given = (modality: Modality, atHome: boolean) => {
    const environment = { ...base, service: { ...base['service'], modality, atHome } }
    return {
      modifiers: modifiersOf(rule, general, environment).modifiers,
      place: placeOf(rule, general, environment, OFFICE) ?? OFFICE,
    }
  }
  const plain = given('in-person', false)
  const marks = (modality: Modality): Marks => {
    const [home, elsewhere] = [given(modality, true), given(modality, false)]
    return {
      modifiers: without(home.modifiers, plain.modifiers),
      places: without([home.place, elsewhere.place], [plain.place]),
    }
  }
  return { 'in-person': { modifiers: [], places: [] }, video: marks('video'), audio: marks('audio') }
}

/** Stands for the place where the visit would have been in person. */
const OFFICE: Coding = { system: 'urn:alcove:place', code: 'in-person' }

/** That of all visits of the line whose modality is known; undefined where they differ. */
function modalityOf({ visits }: ClaimUnderCheck, line: BilledLine): Modality | undefined {
  const known = new Set(line.visits.flatMap((visit) => visits.get(visit)?.modality ?? []))
  const [only] = known
  return known.size === 1 ? only : undefined
}

function has(codings: readonly Coding[], coding: Coding): boolean {
  return codings.some((one) => isSameCode(one, coding))
}

function without(codings: readonly Coding[], others: readonly Coding[]): readonly Coding[] {
  return codings.filter((one) => !has(others, one))
}

function tell(modality: Modality): string {
  return modality === 'in-person' ? 'in person' : `by ${modality}`
}
