// Faults of the lines of a claim, and of what stands beside and behind them.
import { coded, coverage, patient, visit } from '../practice.ts'
import { codeOf } from '../rules/services.ts'
import {
  authorization,
  beside,
  billedCase,
  extension,
  pack,
  packOfAll,
  stay,
  sentTask,
  summed,
} from './billed.ts'
import { EARLIER, line, addLine, medical, authorized, days, type FaultCase } from './fault-case.ts'

export const LINE_FAULTS: readonly FaultCase[] = [
  {
    name: 'an add-on alone',
    edit: 'add-on-without-primary',
    at: 'Claim.item[0]',
    of: medical,
    put: (made) => {
      made.claim.item.shift()
      summed(made.claim)
    },
    breaks: 'lines',
  },
  {
    name: 'psychotherapy beside crisis psychotherapy',
    edit: 'excluded-pair',
    at: 'Claim.item[1]',
    put: (made) => addLine(made, '90839'),
    breaks: 'pair lines amounts',
  },
  {
    name: 'crisis psychotherapy of the same day on another claim',
    edit: 'excluded-pair',
    at: 'Claim.item[0]',
    put: (made) => made.others.push(...beside({ id: 'c9', lines: [{ code: '90839' }] })),
    breaks: 'pair',
  },
  {
    name: 'two units where a day has one',
    edit: 'units-over-day-limit',
    at: 'Claim.item[0].quantity',
    put: (made) => {
      line(made).quantity.value = 2
      line(made).net = { ...line(made).unitPrice, value: line(made).unitPrice.value * 2 }
      summed(made.claim)
    },
    breaks: 'amounts',
  },
  {
    name: 'the second month of one month',
    edit: 'units-over-period-limit',
    at: 'Claim.item[0].quantity',
    of: () => billedCase({ lines: [{ code: '99484' }] }),
    put: (made) => made.others.push(...beside({ id: 'c9', day: EARLIER, lines: [{ code: '99484' }] })),
    breaks: 'others',
  },
  {
    name: 'the second screening of twelve months',
    edit: 'units-over-period-limit',
    at: 'Claim.item[0].quantity',
    of: () => billedCase({ lines: [{ code: 'G0444' }] }),
    put: (made) => made.others.push(...beside({ id: 'c9', day: '2025-12-01', lines: [{ code: 'G0444' }] })),
    breaks: 'others',
  },
  {
    name: 'the same line twice',
    edit: 'duplicate',
    at: 'Claim.item[1]',
    put: (made) => addLine(made, '90834'),
    breaks: 'lines amounts modifier',
  },
  {
    name: 'the same visit on another claim',
    edit: 'duplicate',
    at: 'Claim.item[0]',
    put: (made) => {
      const other = billedCase({ id: 'c8', visitId: 'v-c1' })
      made.others.push(other.claim)
    },
    breaks: 'others modifier',
  },
  {
    name: 'a day by the bed and one of intensive care outside',
    edit: 'per-diem-overlap',
    at: 'Claim.item[1]',
    of: stay,
    put: (made) => made.others.push(...beside({ id: 'c9', day: '2026-03-03', lines: [{ code: 'S9480' }] })),
    breaks: 'others',
  },
  {
    name: 'no authorization',
    edit: 'authorization-missing',
    at: 'Claim.item[0]',
    of: authorized,
    put: (made) => delete made.claim.insurance[0].preAuthRef,
    breaks: 'authorization',
  },
  {
    name: 'an authorization that nobody knows',
    edit: 'authorization-unknown',
    at: 'Claim.item[0]',
    of: authorized,
    put: (made) => {
      made.claim.insurance[0].preAuthRef = ['B2']
    },
    severity: 'warning',
    breaks: 'authorization',
  },
  {
    name: 'an authorization of something else',
    edit: 'authorization-not-for-service',
    at: 'Claim.item[0]',
    of: authorized,
    put: (made) => made.others.push(...authorization({ code: '90837', units: 10 })),
    breaks: 'authorization',
  },
  {
    name: 'an authorization that ended',
    edit: 'authorization-outside-dates',
    at: 'Claim.item[0]',
    of: authorized,
    put: (made) =>
      made.others.push(...authorization({ units: 10, period: { start: '2026-01-01', end: EARLIER } })),
    breaks: 'authorization',
  },
  {
    name: 'an authorization that is used up by another claim',
    edit: 'authorization-exceeded',
    at: 'Claim.item[0]',
    of: authorized,
    put: (made) =>
      made.others.push(
        ...authorization({ units: 1 }),
        ...beside({ id: 'c9', day: EARLIER, authorizations: ['A1'] }),
      ),
    breaks: 'authorization',
  },
  {
    name: 'later than the contract takes it',
    edit: 'filing-limit-passed',
    at: 'Claim.item[0]',
    put: (made) => made.others.push(packOfAll([extension('filing-limit', { 'days:PositiveInt': 1 })])),
    breaks: 'filing',
  },
  {
    name: 'later than Medicare takes it',
    edit: 'filing-limit-passed',
    at: 'Claim.item[0]',
    of: () => {
      const made = billedCase({ day: '2025-03-03' })
      made.overrides.push(coverage('cov1', 'p1', { period: { start: '2024-01-01' } }))
      return made
    },
    put: (made) =>
      made.overrides.push(
        coverage('cov1', 'p1', {
          period: { start: '2024-01-01' },
          type: coded('https://codesystem.x12.org/005010/1032', 'MB'),
        }),
      ),
    breaks: 'filing',
  },
  {
    name: 'a stay that is counted from its end',
    edit: 'filing-limit-passed',
    at: 'Claim.billablePeriod',
    of: stay,
    put: (made) => {
      made.others.push(packOfAll([extension('filing-limit', { 'days:PositiveInt': 2 })]))
      made.later.push(sentTask('c1', '2026-03-07'))
    },
    breaks: 'filing',
  },
  {
    name: 'no note',
    edit: 'note-missing',
    at: 'Claim.item[0].encounter',
    put: (made) => {
      made.notes[0].docStatus = 'preliminary'
      made.provenance.entity.shift()
    },
    breaks: 'note',
  },
  {
    name: 'a note of the first two days of three',
    edit: 'daily-note-missing',
    at: 'Claim.item[2].encounter',
    of: stay,
    put: (made) => made.notes.pop(),
    breaks: 'note',
  },
  {
    name: 'a note taken back',
    edit: 'note-not-final',
    at: 'Claim',
    put: (made) => made.later.push({ ...made.notes[0], docStatus: 'preliminary' }),
    breaks: 'note',
  },
  {
    name: 'a note amended',
    edit: 'note-amended',
    at: 'Claim',
    put: (made) => made.later.push({ ...made.notes[0], docStatus: 'amended', description: 'Another' }),
    severity: 'warning',
    breaks: 'note',
  },
  {
    name: 'a visit cancelled',
    edit: 'visit-not-finished',
    at: 'Encounter.status',
    put: (made) => made.later.push({ ...made.visits[0], status: 'cancelled' }),
    breaks: 'visit',
  },
  {
    name: 'a visit lengthened',
    edit: 'visit-changed',
    at: 'Claim',
    put: (made) => made.later.push({ ...visit('v-c1', { minutes: 50, modality: 'in-person' }) }),
    severity: 'warning',
    breaks: 'visit',
  },
  {
    name: 'a line for nothing',
    edit: 'pointer-missing',
    at: 'Claim.item[0].diagnosisSequence',
    put: (made) => delete line(made).diagnosisSequence,
    breaks: 'pointers',
  },
  {
    name: 'a pointer to nothing',
    edit: 'pointer-unknown',
    at: 'Claim.item[0].diagnosisSequence',
    put: (made) => {
      line(made).diagnosisSequence = [1, 70]
    },
    breaks: 'pointers',
  },
  {
    name: 'five pointers',
    edit: 'too-many-pointers',
    at: 'Claim.item[0].diagnosisSequence',
    put: (made) => {
      const { diagnosis } = made.claim
      for (const code of ['F41.0', 'F40.10', 'F43.10'])
        diagnosis.push({
          ...diagnosis[1],
          sequence: diagnosis.length + 1,
          diagnosisCodeableConcept: coded('http://hl7.org/fhir/sid/icd-10-cm', code),
        })
      line(made).diagnosisSequence = [1, 2, 3, 4, 5]
    },
    breaks: 'pointers',
  },
  {
    name: 'a category for a diagnosis',
    edit: 'diagnosis-not-billable',
    at: 'Claim.diagnosis[1].diagnosisCodeableConcept',
    put: (made) => {
      made.claim.diagnosis[1].diagnosisCodeableConcept.coding[0].code = 'F32'
    },
    breaks: 'diagnosis',
  },
  {
    name: 'a cent too much in all',
    edit: 'total-not-sum',
    at: 'Claim.total',
    put: (made) => {
      made.claim.total = { value: made.claim.total.value + 0.01, currency: 'USD' }
    },
    breaks: 'amounts',
  },
  {
    name: 'a cent too much in a line',
    edit: 'net-not-product',
    at: 'Claim.item[0].net',
    put: (made) => {
      line(made).net = { value: Math.round(line(made).unitPrice.value * 100 + 1) / 100, currency: 'USD' }
      summed(made.claim)
    },
    breaks: 'amounts',
  },
  {
    name: 'fifty-one lines',
    edit: 'too-many-lines',
    at: 'Claim.item',
    put: (made) => {
      const [first] = made.claim.item
      made.claim.item = days(51).map((servicedDate, at) => ({ ...first, sequence: at + 1, servicedDate }))
      summed(made.claim)
    },
    breaks: 'pair lines amounts',
  },
  {
    name: 'thirteen diagnoses',
    edit: 'too-many-diagnoses',
    at: 'Claim.diagnosis',
    put: (made) => {
      const { diagnosis } = made.claim
      while (diagnosis.length < 13)
        diagnosis.push({
          ...diagnosis[1],
          sequence: diagnosis.length + 1,
          diagnosisCodeableConcept: coded(
            'http://hl7.org/fhir/sid/icd-10-cm',
            `F40.0${diagnosis.length % 3}`,
          ),
        })
    },
    breaks: 'diagnosis',
  },
  {
    name: 'five modifiers',
    edit: 'too-many-modifiers',
    at: 'Claim.item[0].modifier',
    put: (made) => {
      line(made).modifier = ['HO', 'HE', 'U1', 'U2', 'U3'].map((code) =>
        coded('http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code),
      )
    },
    breaks: 'modifier',
  },
  {
    name: 'a code that no rule knows',
    edit: 'code-unknown',
    at: 'Claim.item[0].productOrService',
    put: (made) => {
      line(made).productOrService = { coding: [codeOf('X9999')] }
    },
    severity: 'warning',
    breaks: 'pack',
  },
  {
    name: 'a code that was deleted',
    edit: 'code-not-in-force',
    at: 'Claim.item[0].productOrService',
    put: (made) => {
      line(made).productOrService = { coding: [codeOf('99441')] }
    },
    breaks: 'pack',
  },
  {
    name: 'a code that the payer does not take',
    edit: 'code-not-billable',
    at: 'Claim.item[0].productOrService',
    put: (made) => made.others.push(pack('90834', [], { status: 'retired' })),
    breaks: 'pack',
  },
  {
    name: 'a patient whose birth date nobody knows',
    edit: 'not-writable',
    at: 'Patient',
    put: (made) => made.overrides.push(patient('p1', { birthDate: undefined })),
    breaks: 'written',
  },
]
