// Which coverage pays for a day: the one that is named, or the patient's first that is in force.
import type { Issue, Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { and, localReferenceMatch, searchQuery } from '../../store/index.ts'
import { objectAt } from '../elements.ts'
import { isWithin } from './parties-of.ts'
import { problem } from './problems.ts'
import { localKeyOf } from './references.ts'

const MOST_COVERAGES = 500

export interface CoverageAsked {
  /** `Patient/id`. */
  readonly patient: string
  /** `Coverage/id` or its id; undefined: the first by `order`. */
  readonly named: string | undefined
  /** First and last day of service, `YYYY-MM-DD`; undefined where they are not known. */
  readonly days: readonly [string, string] | undefined
}

export interface ChosenCoverage {
  /** Also beside refusals, where there is one to speak of. */
  readonly coverage?: Resource
  readonly refusals: readonly Issue[]
  readonly warnings: readonly Issue[]
}

export async function coverageFor(
  view: WorldView,
  asked: CoverageAsked,
  baseUrl: string,
): Promise<ChosenCoverage> {
  return asked.named === undefined ? firstInForce(view, asked) : namedOne(view, asked, asked.named, baseUrl)
}

async function namedOne(
  view: WorldView,
  { patient, days }: CoverageAsked,
  named: string,
  baseUrl: string,
): Promise<ChosenCoverage> {
  const key = named.includes('/') ? localKeyOf({ reference: named }, baseUrl) : `Coverage/${named}`
  const [type, id = ''] = key?.split('/') ?? []
  const coverage = type === 'Coverage' ? (await view.read('Coverage', id))?.resource : undefined
  if (coverage === undefined)
    return refused(problem('coverage-missing', 'Coverage', 'The coverage that is named is not known here.'))
  if (localKeyOf(objectAt(coverage, 'beneficiary'), baseUrl) !== patient)
    return refused(
      problem('coverage-of-another', 'Coverage.beneficiary', 'It is not the coverage of this patient.'),
    )
  const refusals = faultsOf(coverage, days)
  return { coverage, refusals, warnings: [] }
}

/** An `active` one of the days, by `order`. Of several that are first alike the choice is told. */
async function firstInForce(view: WorldView, { patient, days }: CoverageAsked): Promise<ChosenCoverage> {
  const where = and([localReferenceMatch('beneficiary', ['Patient'], patient.slice('Patient/'.length))])
  const found = (await view.every(searchQuery({ type: 'Coverage', where }), MOST_COVERAGES))
    .map(({ resource }) => resource)
    .filter(({ status }) => status !== 'entered-in-error' && status !== 'draft')
    .toSorted(
      (one, other) => orderOf(one) - orderOf(other) || (String(one['id']) < String(other['id']) ? -1 : 1),
    )
  const [first, second] = found.filter((one) => faultsOf(one, days).length === 0)
  if (first !== undefined)
    return {
      coverage: first,
      refusals: [],
      warnings:
        second !== undefined && orderOf(second) === orderOf(first)
          ? [
              problem(
                'coverage-ambiguous',
                'Coverage.order',
                `Several coverages are first alike, and Coverage/${String(first['id'])} is taken; name one, or order them.`,
                'warning',
              ),
            ]
          : [],
    }
  const [best] = found.toSorted((one, other) => faultsOf(one, days).length - faultsOf(other, days).length)
  if (best === undefined)
    return refused(problem('coverage-missing', 'Coverage.beneficiary', 'The patient has no coverage here.'))
  return { coverage: best, refusals: faultsOf(best, days), warnings: [] }
}

function faultsOf(coverage: Resource, days: CoverageAsked['days']): readonly Issue[] {
  const faults: Issue[] = []
  if (coverage['status'] !== 'active')
    faults.push(problem('coverage-not-active', 'Coverage.status', 'The coverage must be active.'))
  const period = objectAt(coverage, 'period')
  if (days !== undefined && !days.every((day) => isWithin(period, day)))
    faults.push(
      problem(
        'coverage-not-in-force',
        'Coverage.period',
        'The coverage is not in force on the day of service.',
      ),
    )
  return faults
}

function orderOf({ order }: Resource): number {
  return typeof order === 'number' ? order : Number.MAX_SAFE_INTEGER
}

function refused(issue: Issue): ChosenCoverage {
  return { refusals: [issue], warnings: [] }
}
