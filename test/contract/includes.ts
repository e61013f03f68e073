// Contract: what a page brings along: there and back, again and again, by any parameter, up to a bound.
import {
  SEE_EVERYTHING,
  type AccessFilter,
  type Include,
  type IndexEntry,
  type Store,
} from '../../src/store/index.ts'
import { only, R } from './access-world.ts'
import { build, code, is, refers, within } from './link-words.ts'
import { put, remove, search, storeTest, write, type OpenStore, type Subtest, type Tester } from './world.ts'

const forward = (source?: string, param?: string, target?: string): Include => ({
  direction: 'forward',
  iterate: false,
  source,
  param,
  target,
})
const reverse = (source?: string, param?: string, target?: string): Include => ({
  ...forward(source, param, target),
  direction: 'reverse',
})
const again = (include: Include): Include => ({ ...include, iterate: true })

const URL = 'http://a.test/form'
const canonical = (version?: string): IndexEntry => ({
  kind: 'reference',
  param: 'form',
  target: { kind: 'url', url: URL, version },
})
const url: IndexEntry = { kind: 'uri', param: 'url', value: URL }
const version = (of: string): IndexEntry => ({ kind: 'token', param: 'version', system: '', code: of })

export function includesContract(t: Tester, open: OpenStore): void {
  /** What Observations with a code bring along. */
  const brings = async (
    t: Subtest,
    store: Store,
    of: string,
    includes: readonly Include[],
    expected: string,
    access: AccessFilter = SEE_EVERYTHING,
  ): Promise<void> => {
    const page = await search(store, { type: 'Observation', where: is(of), includes }, access)
    const names = page.included.map(({ type, id }) => `${type}/${id}`).toSorted()
    t.strictSame(names, expected.split(' ').filter(Boolean).toSorted(), `${of}: ${JSON.stringify(includes)}`)
    t.equal(page.includedCut, false)
  }

  storeTest(t, open, 'forward, reverse and by any parameter, from any type', async (t, store) => {
    await build(store, {
      'Observation/a': {
        entries: [code('a'), refers('subject', 'Patient/p'), refers('member', 'Observation/b')],
      },
      'Observation/b': {
        entries: [code('b'), refers('subject', 'Group/g'), refers('performer', 'Patient/p')],
      },
      'Patient/p': { entries: [refers('general', 'Doctor/d')] },
      'Group/g': {},
      'Doctor/d': { entries: [refers('works', 'Clinic/c')] },
      'Clinic/c': {},
      'Report/r': { entries: [refers('result', 'Observation/a'), refers('subject', 'Patient/p')] },
      'Report/s': { entries: [refers('result', 'Observation/b')] },
      'Report/gone': { entries: [refers('result', 'Observation/a')] },
      'Task/t': { entries: [refers('focus', 'Report/r'), refers('for', 'Observation/a')] },
    })
    await write(store, remove('Report', 'gone'))
    await brings(t, store, 'a', [forward('Observation', 'subject')], 'Patient/p')
    await brings(t, store, 'a', [forward('Observation')], 'Patient/p Observation/b')
    await brings(t, store, 'a', [forward()], 'Patient/p Observation/b')
    await brings(t, store, 'a', [forward(undefined, 'member')], 'Observation/b')
    await brings(t, store, 'a', [forward('Observation', undefined, 'Patient')], 'Patient/p')
    await brings(t, store, 'a', [forward('Report', 'subject')], '')
    await brings(t, store, 'a', [reverse('Report', 'result')], 'Report/r')
    await brings(t, store, 'b', [reverse('Report', 'result')], 'Report/s')
    await brings(t, store, 'a', [reverse('Report')], 'Report/r')
    await brings(t, store, 'a', [reverse()], 'Report/r Task/t')
    await brings(t, store, 'b', [reverse()], 'Report/s Observation/a')
    await brings(t, store, 'a', [reverse('Report', 'result', 'Observation')], 'Report/r')
    await brings(t, store, 'a', [reverse('Report', 'result', 'Patient')], '')
    await brings(t, store, 'a', [reverse('Report', 'never')], '')
    await brings(t, store, 'a', [reverse('Never', 'result')], '')
    await brings(
      t,
      store,
      'a',
      [forward('Observation', 'subject'), reverse('Report', 'result')],
      'Patient/p Report/r',
    )
    await brings(
      t,
      store,
      'a',
      [forward('Observation', 'subject'), forward('Patient', 'general')],
      'Patient/p',
    )
    await brings(
      t,
      store,
      'a',
      [forward('Observation', 'subject'), again(forward('Patient', 'general'))],
      'Patient/p Doctor/d',
    )
    await brings(
      t,
      store,
      'a',
      [again(forward('Patient', 'general')), forward('Observation', 'subject')],
      'Patient/p Doctor/d',
    )
    await brings(t, store, 'a', [again(forward())], 'Patient/p Observation/b Group/g Doctor/d Clinic/c')
    await brings(t, store, 'a', [again(forward('Observation'))], 'Patient/p Observation/b Group/g')
    await brings(t, store, 'a', [again(forward(undefined, 'subject'))], 'Patient/p')
    await brings(t, store, 'a', [again(reverse())], 'Report/r Task/t')
    await brings(t, store, 'b', [again(reverse())], 'Report/s Observation/a Report/r Task/t')
    await brings(
      t,
      store,
      'b',
      [forward('Observation', 'subject'), again(reverse('Report', 'subject'))],
      'Group/g',
    )
    await brings(
      t,
      store,
      'a',
      [reverse('Report', 'result'), again(reverse('Task', 'focus'))],
      'Report/r Task/t',
    )
    await brings(t, store, 'a', [reverse('Report', 'result'), reverse('Task', 'focus')], 'Report/r')
    await brings(
      t,
      store,
      'a',
      [reverse('Report', 'result'), again(forward('Report', 'subject'))],
      'Report/r Patient/p',
    )
  })

  storeTest(t, open, 'no wildcard follows what the server keeps for itself', async (t, store) => {
    await build(store, {
      'Observation/a': {
        entries: [code('a'), refers('subject', 'Patient/p'), refers('_security:source', 'Binary/b')],
      },
      'Patient/p': {},
      'Binary/b': { entries: [refers('_security:source', 'Patient/p')] },
      'Report/r': { entries: [refers('_security:source', 'Observation/a')] },
      'Report/s': { entries: [refers('result', 'Observation/a')] },
    })
    for (const include of [forward('Observation'), forward(), again(forward())])
      await brings(t, store, 'a', [include], 'Patient/p')
    for (const include of [reverse('Report'), reverse(), again(reverse())])
      await brings(t, store, 'a', [include], 'Report/s')
    await brings(t, store, 'a', [forward('Observation', '_security:source')], 'Binary/b')
    await brings(t, store, 'a', [reverse('Report', '_security:source')], 'Report/r')
  })

  storeTest(t, open, 'circles end, and matches do not come again', async (t, store) => {
    await build(store, {
      'Observation/a': { entries: [code('a'), code('ab'), refers('member', 'Observation/b')] },
      'Observation/b': { entries: [code('b'), code('ab'), refers('member', 'Observation/c')] },
      'Observation/c': {
        entries: [code('c'), refers('member', 'Observation/a'), refers('member', 'Observation/c')],
      },
    })
    await brings(t, store, 'a', [again(forward('Observation', 'member'))], 'Observation/b Observation/c')
    await brings(t, store, 'ab', [again(forward('Observation', 'member'))], 'Observation/c')
    await brings(t, store, 'c', [again(reverse('Observation', 'member'))], 'Observation/a Observation/b')
    await brings(t, store, 'c', [forward('Observation', 'member')], 'Observation/a')
    const page = await search(store, {
      type: 'Observation',
      sort: [{ by: 'id', descending: false }],
      count: 1,
      includes: [forward('Observation', 'member')],
    })
    t.strictSame(
      page.included.map(({ id }) => id),
      ['b'],
      'a match of another page does come',
    )
  })

  storeTest(t, open, 'canonicals are followed, both ways; what is contained is not', async (t, store) => {
    await build(store, {
      'Observation/any': { entries: [code('any'), canonical()] },
      'Observation/one': { entries: [code('one'), canonical('1')] },
      'Observation/box': {
        entries: [code('box'), within('subject', 'k')],
        contained: [{ type: 'Patient', id: 'k', entries: [refers('general', 'Form/v1')] }],
      },
      'Form/v1': { entries: [url, version('1')] },
      'Form/v2': { entries: [url, version('2'), refers('next', 'Observation/any')] },
      'Other/o': { entries: [url] },
    })
    await brings(t, store, 'any', [forward('Observation', 'form')], 'Form/v1 Form/v2 Other/o')
    await brings(t, store, 'any', [forward('Observation', 'form', 'Form')], 'Form/v1 Form/v2')
    await brings(t, store, 'one', [forward('Observation', 'form')], 'Form/v1')
    await brings(
      t,
      store,
      'one',
      [forward('Observation', 'form'), again(reverse('Observation', 'form'))],
      'Form/v1 Observation/any',
    )
    await brings(t, store, 'box', [again(forward()), again(reverse())], '')
  })

  storeTest(t, open, 'what a filter hides is not brought, nor followed', async (t, store) => {
    await build(store, {
      'Observation/a': {
        entries: [code('a'), refers('subject', 'Patient/p'), refers('subject', 'Patient/h')],
      },
      'Patient/p': { entries: [refers('general', 'Doctor/d')] },
      'Patient/h': { entries: [refers('general', 'Doctor/e')], labels: [R] },
      'Doctor/d': {},
      'Doctor/e': {},
      'Report/open': { entries: [refers('result', 'Observation/a')] },
      'Report/closed': { entries: [refers('result', 'Observation/a')], labels: [R] },
      'Task/t': { entries: [refers('focus', 'Report/closed')] },
    })
    const includes = [
      forward('Observation', 'subject'),
      again(forward('Patient')),
      reverse('Report'),
      again(reverse('Task')),
    ]
    await brings(
      t,
      store,
      'a',
      includes,
      'Patient/p Patient/h Doctor/d Doctor/e Report/open Report/closed Task/t',
    )
    await brings(t, store, 'a', includes, 'Patient/p Doctor/d Report/open', only({ withoutLabels: [R] }))
    await brings(t, store, 'a', includes, 'Patient/h Patient/p', only({ types: ['Observation', 'Patient'] }))
  })

  storeTest(t, open, 'not more than the bound, and the page says so', async (t, store) => {
    await build(store, {
      'Observation/a': { entries: [code('a'), refers('subject', 'Patient/p')] },
      'Patient/p': {},
    })
    await write(
      store,
      ...Array.from({ length: 30 }, (_, at) =>
        put('Report', `r${at}`, {
          entries: [refers('result', 'Observation/a'), refers('next', `Report/r${at + 1}`)],
        }),
      ),
    )
    for (const [includes, all] of [
      [[reverse('Report', 'result')], 30],
      [[forward('Observation'), reverse('Report', 'result')], 31],
      [[forward('Observation', 'subject')], 1],
    ] as const)
      for (const mostIncluded of [0, 1, 29, 30, 31, 1000]) {
        const page = await search(store, { type: 'Observation', where: is('a'), includes, mostIncluded })
        const told = `${JSON.stringify(includes)} at most ${mostIncluded}`
        t.equal(page.included.length, Math.min(all, mostIncluded), told)
        t.equal(page.includedCut, all > mostIncluded, told)
        t.equal(new Set(page.included.map(({ type, id }) => `${type}/${id}`)).size, page.included.length)
      }
    await write(store, put('Report', 'first', { entries: [code('x'), refers('next', 'Report/r0')] }))
    const chain = { type: 'Report', where: is('x'), includes: [again(forward('Report', 'next'))] }
    const whole = await search(store, chain)
    t.equal(whole.included.length, 30, 'from one to the next')
    const cut = await search(store, { ...chain, mostIncluded: 12 })
    t.strictSame([cut.included.length, cut.includedCut], [12, true])
  })
}
