// What the bench says of figures: goals met or not, charts that any reader can read, and searches that find what they must.
import { SaxesParser } from 'saxes'
import t from 'tap'
import { againstChart } from '../../scripts/bench/against-chart.ts'
import { benchChart } from '../../scripts/bench/bench-chart.ts'
import { verdicts } from '../../scripts/bench/goals.ts'
import { practice, SEARCHED_CATEGORY, SEARCHED_SCORES } from '../../scripts/bench/practice.ts'
import { lineOf, type Line, type Results } from '../../scripts/bench/results.ts'
import {
  familyOf,
  NAMESAKES,
  STEP_OF_SIZES,
  RESOURCES_OF_A_PATIENT,
} from '../../scripts/bench/scale-practice.ts'
import { scaleTable } from '../../scripts/bench/report.ts'
import { scaleWorkloads } from '../../scripts/bench/scale-workloads.ts'
import { WORKLOADS } from '../../scripts/bench/workloads.ts'

/** Every workload at so many requests a second and so much processor time, floors at ten times the speed. */
function linesAt(requestsPerSecond: number, cpuMsPerRequest: number): readonly Line[] {
  const ours = { requestsPerSecond, cpuMsPerRequest, p50: 1, p95: 2, p99: 3 }
  const bareFastify = { ...ours, requestsPerSecond: 10_000, cpuMsPerRequest: 0.01 }
  const rawStore = { requestsPerSecond: 8000, cpuMsPerRequest: 0.02 }
  return WORKLOADS.map((workload) =>
    lineOf(workload, 1000, { ours: [ours], bareFastify: [bareFastify], rawStore: [rawStore] }),
  )
}

function resultsAt(good: boolean): Results {
  const coldStartMs = good ? 400 : 600
  const reads = { p50: 1, p95: 2, p99: good ? 19 : 21 }
  return {
    lines: good ? linesAt(7000, 0.4) : linesAt(99, 2.1),
    freshStarts: { coldStartMs, readyMs: 900, idleMegabytes: good ? 119 : 121 },
    starts: { coldStartMs, readyMs: 900, idleMegabytes: 200 },
    loading: [{ form: 'NDJSON', resources: 1, cpuMsPerResource: 1, resourcesPerSecond: good ? 8000 : 7999 }],
    besideSearch: { searchMs: 1000, alone: reads, beside: reads },
  }
}

t.test('a goal is met on its own side of the limit', async (test) => {
  const good = verdicts(resultsAt(true))
  test.same(
    good.filter(({ met }) => !met).map(({ what }) => what),
    [],
  )
  test.ok(good.every(({ share }) => share <= 1))
  const bad = verdicts(resultsAt(false))
  test.same(
    bad.map(({ what }) => what),
    good.map(({ what }) => what),
  )
  // Pages are held against each other, and are all as dear here.
  test.same(
    bad.filter(({ met }) => met).map(({ what }) => what),
    ['page 100', 'page 1,000'],
  )
})

t.test('a transaction is held against as many rows as it has resources', async (test) => {
  const line = linesAt(160, 1).find(({ name }) => name.startsWith('transaction'))
  test.equal(line?.resourcesPerSecond, 8000)
  test.equal(line?.ofRawStore, 1)
  test.equal(line?.rawStore.cpuMsPerRequest, 1)
})

t.test('charts are whole SVG, with their figures in words too', async (test) => {
  const results = resultsAt(false)
  const comparison = {
    name: 'a & "b" <c>',
    unit: 'ms',
    before: 1,
    after: 2,
    ratio: 2,
    low: 1.9,
    high: 2.1,
  } as const
  for (const svg of [benchChart(results, 'here & now'), againstChart('a1', 'b2', [comparison], 'now')]) {
    const texts = new Map<string, string>()
    let open = ''
    const parser = new SaxesParser({ xmlns: true })
    parser.on('opentag', ({ name }) => (open = name))
    parser.on('text', (text) => texts.set(open, `${texts.get(open) ?? ''}${text}`))
    parser.on('error', (error) => test.fail(error.message))
    parser.write(svg).close()
    test.ok(texts.get('title'))
    test.match(texts.get('desc'), /goal not met/)
    test.notMatch(svg, /NaN|undefined/)
  }
})

t.test('the practice holds what searches are to find', async (test) => {
  let searched = new Set<string>()
  for (const bundle of practice())
    for (const { resource } of JSON.parse(bundle).entry)
      if (resource.category?.[0]?.coding[0].code === SEARCHED_CATEGORY) searched = searched.add(resource.id)
  test.equal(searched.size, SEARCHED_SCORES)
  const families = Map.groupBy(
    Array.from({ length: (3 * STEP_OF_SIZES) / RESOURCES_OF_A_PATIENT }, (_, p) => familyOf(p)),
    (family) => family,
  )
  test.ok([...families.values()].every(({ length }) => length === NAMESAKES))
})

t.test('a large store can be asked of few patients, from all over it', async (t) => {
  const [reads] = scaleWorkloads(1000, 10)
  const [next] = (await reads?.plan('', 0))?.(0) ?? []
  const asked = new Set<number>()
  for (let n = 0; n < 500; n++) {
    const { path = '' } = typeof next === 'function' ? next() : {}
    asked.add(Number(/scale-(\d+)-/.exec(path)?.[1]))
  }
  t.strictSame(
    [...asked].toSorted((a, b) => a - b),
    Array.from({ length: 10 }, (_, n) => n * 100),
  )
})

t.test('growth is told of all patients, of as many, and from the second size', async (t) => {
  const sample = { requestsPerSecond: 1000, cpuMsPerRequest: 1, p50: 1, p95: 2, p99: 3 }
  const line = {
    name: 'read',
    scoped: true,
    p95Growth: 1.75,
    cpuGrowth: 1.625,
    asMany: { p95: 1.125, cpu: 1.25 },
    fromSecond: { p95: 1.375, cpu: 1.875 },
  }
  const told = (sizes: readonly number[]): readonly (readonly string[])[] => {
    const stores = sizes.map((resources) => ({ resources, megabytes: 1, serverMegabytes: 1 }))
    const text = scaleTable({ stores, lines: [{ ...line, at: sizes.map(() => sample) }] })
    return text.split('\n').map((row) => row.trim().split(/ {2,}/))
  }
  const [heads = [], row = []] = told([10_000, 100_000, 1_000_000])
  t.equal(row.length, heads.length + 1, 'the first column has no head')
  t.strictSame(row.slice(-7), [
    '1.75 ×',
    '1.63 ×',
    '1.13 ×',
    '1.25 ×',
    '1.38 ×',
    '1.88 ×',
    '≤ 1.5 ×: NOT MET',
  ])
  t.strictSame(heads.slice(-3), ['from 100,000: p95', 'CPU', 'goal'])
  t.notMatch(told([10_000, 100_000])[0]?.join(' '), /from/)
  t.notMatch(told([10_000])[0]?.join(' '), /as many/)
})
