// One claim (loop 2300 and its lines) as 837 segments.
import { printShortest } from '../../money.ts'
import type { WrittenElement, WrittenSegment } from '../segments.ts'
import { ROLES, TOLD_SPECIALTY, type ClaimContent, type Line, type Provider } from './content.ts'
import { partySegments } from './write-parties.ts'

/** Composites that one HI segment holds. */
const MOST_IN_HI = 12

const compact = (date: string) => date.replace(/[-:T]/g, '')
const given = (segment: WrittenSegment, value: string | undefined): WrittenSegment[] =>
  value === undefined ? [] : [segment]

export function claimSegments(claim: ClaimContent): WrittenSegment[] {
  return [
    [
      'CLM',
      claim.controlNumber,
      printShortest(claim.total),
      '',
      '',
      [claim.place, claim.kind === 'professional' ? 'B' : 'A', claim.frequency],
      claim.signature,
      claim.assignment,
      claim.benefits,
      claim.release,
    ],
    ...(claim.kind === 'professional' ? professionalDates(claim) : institutionalDates(claim)),
    ...claim.attachments.map(
      ({ type, transmission, control }): WrittenSegment => [
        'PWK',
        type,
        transmission,
        '',
        '',
        control === undefined ? '' : 'AC',
        control,
      ],
    ),
    ...given(['REF', '9F', claim.referral], claim.referral),
    ...given(['REF', 'G1', claim.authorization], claim.authorization),
    ...given(['REF', 'F8', claim.original], claim.original),
    ...given(['REF', 'EA', claim.medicalRecord], claim.medicalRecord),
    ...given(['NTE', claim.note?.code, claim.note?.text], claim.note?.text),
    ...informationSegments(claim),
    ...ROLES[claim.kind].flatMap((role) => {
      if (role === '77') return claim.facility === undefined ? [] : partySegments('77', claim.facility, 'XX')
      const provider = claim.providers[role]
      return provider === undefined ? [] : providerSegments(role, provider, TOLD_SPECIALTY[claim.kind][role])
    }),
    ...claim.lines.flatMap((line, index) => lineSegments(claim, line, index + 1)),
  ]
}

function professionalDates({ onset, admission, discharge }: ClaimContent): WrittenSegment[] {
  return [
    ...given(['DTP', '431', 'D8', compact(onset ?? '')], onset),
    ...given(['DTP', '435', 'D8', compact(admission ?? '')], admission),
    ...given(['DTP', '096', 'D8', compact(discharge ?? '')], discharge),
  ]
}

function institutionalDates(claim: ClaimContent): WrittenSegment[] {
  const { discharge, statement, admission, admissionType, pointOfOrigin, dischargeStatus } = claim
  const form = admission?.includes('T') === true ? 'DT' : 'D8'
  return [
    ...given(['DTP', '096', 'TM', compact(discharge ?? '')], discharge),
    ...(statement === undefined
      ? []
      : [['DTP', '434', 'RD8', `${compact(statement.start)}-${compact(statement.end)}`] as const]),
    ...given(['DTP', '435', form, compact(admission ?? '')], admission),
    ['CL1', admissionType, pointOfOrigin, dischargeStatus],
  ]
}

/** HI segments: each kind of information in its own, in the order of the guide. */
function informationSegments(claim: ClaimContent): WrittenSegment[] {
  const { kind, diagnoses, procedures, drg, values, conditions } = claim
  const coded = (which: string, qualifier: string) =>
    diagnoses
      .filter((one) => one.kind === which)
      .map(({ code, presentOnAdmission: poa }) =>
        poa === undefined ? [qualifier, code] : [qualifier, code, '', '', '', '', '', '', poa],
      )
  if (kind === 'professional') return informationOf([...coded('principal', 'ABK'), ...coded('other', 'ABF')])
  const procedure = (principal: boolean, qualifier: string) =>
    procedures
      .filter((one) => one.principal === principal)
      .map(({ code, date }) => [qualifier, code, 'D8', compact(date)])
  return [
    coded('principal', 'ABK'),
    coded('admitting', 'ABJ'),
    coded('reason', 'APR'),
    coded('external-cause', 'ABN'),
    drg === undefined ? [] : [['DR', drg]],
    coded('other', 'ABF'),
    procedure(true, 'BBR'),
    procedure(false, 'BBQ'),
    values.map(({ code, amount }) => ['BE', code, '', '', printShortest(amount)]),
    conditions.map((code) => ['BG', code]),
  ].flatMap(informationOf)
}

function informationOf(composites: readonly WrittenElement[]): WrittenSegment[] {
  const segments: WrittenSegment[] = []
  for (let at = 0; at < composites.length; at += MOST_IN_HI)
    segments.push(['HI', ...composites.slice(at, at + MOST_IN_HI)])
  return segments
}

function providerSegments(role: string, provider: Provider, specialty: string | undefined): WrittenSegment[] {
  const segments = partySegments(role, provider, 'XX')
  if (specialty !== undefined && provider.taxonomy !== undefined)
    segments.push(['PRV', specialty, 'PXC', provider.taxonomy])
  return segments
}

function lineSegments(claim: ClaimContent, line: Line, number: number): WrittenSegment[] {
  const { serviced, controlNumber, drug, rendering } = line
  const service = line.code === undefined ? '' : ['HC', line.code, ...line.modifiers]
  const amounts = [printShortest(line.charge), line.unit, line.quantity]
  return [
    ['LX', String(number)],
    claim.kind === 'professional'
      ? ['SV1', service, ...amounts, line.place, '', line.pointers.map(String)]
      : ['SV2', line.revenue, service, ...amounts],
    ...(serviced === undefined ? [] : [servicedSegment(serviced.start, serviced.end)]),
    ...given(['REF', '6R', controlNumber], controlNumber),
    ...(drug === undefined
      ? []
      : ([
          ['LIN', '', 'N4', drug.ndc],
          ['CTP', '', '', '', drug.quantity, [drug.unit]],
        ] as const)),
    ...(rendering === undefined ? [] : providerSegments('82', rendering, TOLD_SPECIALTY[claim.kind]['82'])),
  ]
}

function servicedSegment(start: string, end: string): WrittenSegment {
  if (start === end) return ['DTP', '472', 'D8', compact(start)]
  return ['DTP', '472', 'RD8', `${compact(start)}-${compact(end)}`]
}
