// What each assessment should find, worked out once more in plain steps from what its authors published.
import { type Answers, type Question, questionsOf, type Sex } from './questions.ts'
import { TABLES } from './tables.ts'

export interface Expected {
  /** By the names of scores. */
  readonly scores: Readonly<Record<string, ExpectedScore>>
  /** Ids of the alerts that hold. */
  readonly alerts: readonly string[]
}

export interface ExpectedScore {
  /** A number, a code or a boolean; undefined: there is none. */
  readonly value: number | string | boolean | undefined
  /** Names of questions that were asked and not answered. */
  readonly missing: readonly string[]
  readonly positive?: boolean | undefined
  readonly band?: string | undefined
}

/** What was answered to one assessment. */
class Given {
  readonly instrument: string
  readonly answers: Answers
  readonly sex: Sex
  private readonly questions: ReadonlyMap<string, Question>

  constructor(instrument: string, answers: Answers, sex: Sex) {
    this.instrument = instrument
    this.answers = answers
    this.sex = sex
    this.questions = new Map(questionsOf(instrument).map((it) => [it.name, it]))
  }

  is(name: string, ...codes: readonly string[]): boolean {
    return codes.includes(String(this.answers[name]))
  }

  has(name: string): boolean {
    return this.answers[name] !== undefined
  }

  /** The number answered, or the weight of the answer. */
  number(name: string): number | undefined {
    const answer = this.answers[name]
    if (typeof answer === 'number') return answer
    return this.questions.get(name)?.options.find(({ code }) => code === answer)?.weight
  }

  sum(names: readonly string[], each: (n: number) => number = (n) => n): number {
    let sum = 0
    for (const name of names) {
      const n = this.number(name)
      if (n !== undefined) sum += each(n)
    }
    return sum
  }

  /** How many of the answers weigh at least so much. */
  atLeast(names: readonly string[], least: number): number {
    return names.filter((name) => (this.number(name) ?? -1) >= least).length
  }

  missing(names: readonly string[], isAsked: (name: string) => boolean = () => true): readonly string[] {
    return names.filter((name) => !this.has(name) && isAsked(name))
  }
}

const range = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => String(first + i))

/** A score that needs all of its answers. */
function score<Value extends number | string | boolean>(
  missing: readonly string[],
  value: Value,
  positive?: (value: Value) => boolean | undefined,
): ExpectedScore {
  if (missing.length > 0) return { value: undefined, missing }
  return { value, missing, positive: positive?.(value) }
}

const from =
  (cut: number) =>
  (value: number): boolean =>
    value >= cut

/** A sum of questions that all have to be answered. */
function total(given: Given, names: readonly string[], cut?: number): ExpectedScore {
  return score(given.missing(names), given.sum(names), cut === undefined ? undefined : from(cut))
}

const reaches = ({ value }: ExpectedScore, cut: number): boolean => typeof value === 'number' && value >= cut

const when = (...alerts: readonly (readonly [id: string, holds: boolean])[]): string[] =>
  alerts.filter(([, holds]) => holds).map(([id]) => id)

type Rule = (given: Given) => Expected

const RULES: Readonly<Record<string, Rule>> = {
  'phq-9': (given) => {
    const nine = total(given, range(1, 9), 10)
    const symptoms = given.atLeast(range(1, 8), 2) + given.atLeast(['9'], 1)
    const isCore = given.atLeast(['1', '2'], 2) > 0
    const syndrome = !isCore || symptoms < 2 ? 'no' : symptoms >= 5 ? 'major' : 'other'
    return {
      scores: {
        total: nine,
        'diagnostic-algorithm': score(given.missing(range(1, 9)), `phq-9-${syndrome}-depressive-syndrome`),
      },
      alerts: when(['item-9', given.sum(['9']) > 0], ['severe', reaches(nine, 20)]),
    }
  },
  'phq-2': (given) => {
    const two = total(given, ['1', '2'], 3)
    return { scores: { total: two }, alerts: when(['positive', reaches(two, 3)]) }
  },
  'phq-a': (given) => ({
    scores: { total: total(given, range(1, 9), 10) },
    alerts: when(
      ['item-9', given.sum(['9']) > 0],
      ['item-12', given.is('12', 'yes')],
      ['item-13', given.is('13', 'yes')],
    ),
  }),
  'gad-7': (given) => {
    const seven = total(given, range(1, 7), 10)
    return { scores: { total: seven }, alerts: when(['severe', reaches(seven, 15)]) }
  },
  'gad-2': (given) => {
    const two = total(given, ['1', '2'], 3)
    return { scores: { total: two }, alerts: when(['positive', reaches(two, 3)]) }
  },
  'phq-4': (given) => {
    const anxiety = total(given, ['1', '2'], 3)
    const depression = total(given, ['3', '4'], 3)
    return {
      scores: {
        total: total(given, range(1, 4)),
        'anxiety-subscale': anxiety,
        'depression-subscale': depression,
      },
      alerts: when(['anxiety', reaches(anxiety, 3)], ['depression', reaches(depression, 3)]),
    }
  },
  'c-ssrs-screener-recent': (given) => {
    const yes = (...names: readonly string[]): boolean => names.some((name) => given.is(name, 'LA33-6'))
    const level = yes('4', '5', '6b') ? 3 : yes('3', '6a') ? 2 : yes('1', '2') ? 1 : 0
    const code = ['c-ssrs-screener-recent-no-risk', 'LA9194-7', 'LA6751-7', 'LA9193-9'][level] ?? ''
    const isAsked = (name: string): boolean =>
      ['3', '4', '5'].includes(name) ? yes('2') : name === '6b' ? yes('6a') : true
    const worst = range(1, 5)
      .toReversed()
      .find((name) => yes(name))
    const ideation = score(given.missing(range(1, 5), isAsked), worst ?? '')
    const severity = { 1: 'LA30370-3', 2: 'LA30371-1', 3: 'LA30372-9', 4: 'LA30373-7', 5: 'LA30374-5' }
    const risk = score(given.missing([...range(1, 5), '6a', '6b'], isAsked), code)
    return {
      scores: {
        'risk-level': {
          ...risk,
          // A yes is a positive screen, whatever else was not answered.
          positive: level > 0 ? true : risk.value === undefined ? undefined : false,
          band:
            risk.value === undefined ? undefined : ['No risk identified', 'Low', 'Moderate', 'High'][level],
        },
        'most-severe-ideation-past-month': {
          ...ideation,
          value: ideation.value ? severity[Number(ideation.value) as 1] : undefined,
        },
      },
      alerts: when(['low-risk', level === 1], ['moderate-risk', level === 2], ['high-risk', level === 3]),
    }
  },
  asq: (given) => {
    const four = range(1, 4)
    const isPositive = four.some((name) => given.is(name, 'yes', 'refused'))
    const isNegative = four.every((name) => given.is(name, 'no'))
    const isAcute = given.is('5', 'yes')
    // A question of the four without an answer counts as positive.
    const result = isAcute ? 'acute-positive' : isNegative ? 'negative' : 'non-acute-positive'
    const isKnown = isAcute || isNegative || given.is('5', 'no')
    const bands = {
      'acute-positive': 'Acute positive',
      negative: 'Negative',
      'non-acute-positive': 'Non-acute positive',
    }
    const missing = given.missing(range(1, 5), (name) => name !== '5' || isPositive)
    const value = isKnown && missing.length < 5 ? `asq-${result}` : undefined
    return {
      scores: {
        result: {
          value,
          missing,
          positive: isPositive || isAcute || value === 'asq-non-acute-positive' ? true : value && false,
          band: value && bands[result],
        } as ExpectedScore,
      },
      alerts: when(
        ['acute', isAcute],
        ['positive', !isAcute && (isPositive || value === 'asq-non-acute-positive')],
      ),
    }
  },
  audit: (given) => {
    const drinks = (given.number('1') ?? 0) > 0
    const isAsked = (name: string): boolean =>
      ['2', '3'].includes(name) ? drinks : range(4, 8).includes(name) ? given.sum(['2', '3']) > 0 : true
    const ten = score(given.missing(range(1, 10), isAsked), given.sum(range(1, 10)), from(8))
    return {
      scores: {
        total: ten,
        'AUDIT-C-subscore': score(given.missing(range(1, 3), isAsked), given.sum(range(1, 3))),
      },
      alerts: when(['severe', reaches(ten, 20)]),
    }
  },
  'audit-c': (given) => {
    const drinks = (given.number('1') ?? 0) > 0
    const cut = { female: [3, 3], male: [4, 4] }[given.sex as 'male'] ?? [3, 4]
    const positive = (value: number): boolean | undefined =>
      value >= (cut[1] ?? 0) ? true : value < (cut[0] ?? 0) ? false : undefined
    const missing = given.missing(range(1, 3), (name) => name === '1' || drinks)
    const three = score(missing, given.sum(range(1, 3)), positive)
    const bands = new Map([
      [true, 'Positive'],
      [false, 'Negative'],
    ])
    return {
      scores: { total: { ...three, band: bands.get(three.positive as boolean) } },
      alerts: when(['positive', three.positive === true]),
    }
  },
  'dast-10': (given) => {
    const yes = ['1', '2', '4', '5', '6', '7', '8', '9', '10'].filter((name) => given.is(name, 'LA33-6'))
    const ten = score(given.missing(range(1, 10)), yes.length + (given.is('3', 'LA32-8') ? 1 : 0), from(3))
    return { scores: { total: ten }, alerts: when(['severe', reaches(ten, 6)]) }
  },
  'cage-aid': (given) => ({ scores: { total: total(given, range(1, 4), 1) }, alerts: [] }),
  'crafft-2.1': (given) => {
    const days = given.sum(['A1', 'A2', 'A3'])
    const further = ['R', 'A', 'F1', 'F2', 'T']
    const asked = ['A1', 'A2', 'A3', 'C', ...further]
    const six = score(
      given.missing(asked, (name) => !further.includes(name) || days > 0),
      given.sum(['C', ...further]),
      from(2),
    )
    const risk = reaches(six, 2) ? 'High' : days > 0 || six.value === 1 ? 'Medium' : 'Low'
    return { scores: { total: { ...six, band: six.value === undefined ? undefined : risk } }, alerts: [] }
  },
  'taps-1': (given) => {
    const names = ['1', '2m', '2f', '3', '4']
    const isAsked = (name: string): boolean =>
      (name !== '2m' || given.sex !== 'female') && (name !== '2f' || given.sex !== 'male')
    const used = names.some((name) => given.has(name) && !given.is(name, 'LA6270-8'))
    return {
      scores: { 'taps-1-positive': score(given.missing(names, isAsked), used, (value) => value) },
      alerts: [],
    }
  },
  'substance-single-item': (given) => {
    const one = (name: string): ExpectedScore =>
      score(given.missing([name]), (given.number(name) ?? 0) >= 1, (value) => value)
    return { scores: { 'alcohol-positive': one('alcohol'), 'drug-positive': one('drugs') }, alerts: [] }
  },
  bam: (given) => {
    const band = (days: number): number => (days === 0 ? 0 : days < 4 ? 1 : days < 9 ? 2 : days < 16 ? 3 : 4)
    const isAsked = (name: string): boolean => name !== '5' || (given.number('4') ?? 0) > 0
    const part = (days: readonly string[], steps: readonly string[], cut?: number): ExpectedScore =>
      score(
        given.missing([...days, ...steps], isAsked),
        given.sum(days, band) + given.sum(steps),
        cut === undefined ? undefined : from(cut),
      )
    return {
      scores: {
        use: part(['4', '5', '6'], [], 1),
        risk: part(['2', '3', '11'], ['1', '8', '15']),
        protective: part(['10', '13', '16'], ['9', '12', '14']),
      },
      alerts: [],
    }
  },
  'pcl-5': (given) => {
    const all = total(given, range(1, 20), 33)
    const [b, c, d, e] = [range(1, 5), range(6, 7), range(8, 14), range(15, 20)] as const
    const isMet =
      given.atLeast(b, 2) >= 1 &&
      given.atLeast(c, 2) >= 1 &&
      given.atLeast(d, 2) >= 2 &&
      given.atLeast(e, 2) >= 2
    return {
      scores: {
        total: all,
        'cluster-B': total(given, b),
        'cluster-C': total(given, c),
        'cluster-D': total(given, d),
        'cluster-E': total(given, e),
        'provisional-diagnosis': score(given.missing(range(1, 20)), isMet, (value) => value),
      },
      alerts: when(['positive', reaches(all, 33)]),
    }
  },
  'pc-ptsd-5': (given) => {
    const missing = given.missing(
      ['gate', ...range(1, 5)],
      (name) => name === 'gate' || given.is('gate', 'LA33-6'),
    )
    return { scores: { total: score(missing, given.sum(range(1, 5)), from(4)) }, alerts: [] }
  },
  epds: (given) => {
    const ten = total(given, range(1, 10), 10)
    return {
      scores: { total: ten },
      alerts: when(['item-10', given.sum(['10']) > 0], ['positive', reaches(ten, 13)]),
    }
  },
  'asrs-v1.1-6': (given) => {
    const late = ['LA10044-8', 'LA14985-8']
    const early = ['LA10082-8', ...late]
    const counted = [
      ...range(1, 3).filter((name) => given.is(name, ...early)),
      ...range(4, 6).filter((name) => given.is(name, ...late)),
    ]
    return {
      scores: {
        'part-A-positive-count': score(given.missing(range(1, 6)), counted.length, from(4)),
        'sum-0-24': total(given, range(1, 6)),
      },
      alerts: [],
    }
  },
  'who-5': (given) => ({
    scores: {
      percent: score(given.missing(range(1, 5)), given.sum(range(1, 5)) * 4, (value) => value <= 50),
      raw: score(given.missing(range(1, 5)), given.sum(range(1, 5)), (value) => value < 13),
    },
    alerts: [],
  }),
  k6: (given) => ({ scores: { total: total(given, range(1, 6), 13) }, alerts: [] }),
  'psc-17': (given) => {
    const missing = given.missing(range(1, 17))
    const part = (names: readonly string[], cut: number): ExpectedScore =>
      missing.length > 3
        ? { value: undefined, missing }
        : { value: given.sum(names), missing, positive: given.sum(names) >= cut }
    return {
      scores: {
        total: part(range(1, 17), 15),
        internalizing: part(['2', '6', '9', '11', '15'], 5),
        attention: part(['1', '3', '7', '13', '17'], 7),
        externalizing: part(['4', '5', '8', '10', '12', '14', '16'], 7),
      },
      alerts: [],
    }
  },
  cows: (given) => {
    const all = total(given, range(1, 11))
    return { scores: { total: all }, alerts: when(['severe', reaches(all, 37)]) }
  },
  'ciwa-ar': (given) => {
    const all = total(given, range(1, 10))
    return { scores: { total: all }, alerts: when(['severe', reaches(all, 15)]) }
  },
}

export function expected(instrument: string, answers: Answers, sex?: Sex): Expected {
  const rule = RULES[instrument]
  const bands = TABLES[instrument]?.bands
  if (rule === undefined || bands === undefined) throw new Error(`no rule of ${instrument}`)
  const found = rule(new Given(instrument, answers, sex))
  const [first] = Object.keys(found.scores)
  const own = found.scores[first ?? ''] as ExpectedScore
  if (first === undefined || bands.length === 0) return found
  return { ...found, scores: { ...found.scores, [first]: { ...own, band: bandOf(bands, own.value) } } }
}

function bandOf(bands: readonly string[], value: ExpectedScore['value']): string | undefined {
  for (const band of bands) {
    const [, low, high, text] = /^(\d+)-(\d+) (.*)$/.exec(band) ?? []
    if (typeof value === 'number' && value >= Number(low) && value <= Number(high)) return text
  }
  return undefined
}
