// Contract: conditions on other resources, by chains and `_has`; hidden ones are not there.
import {
  and,
  chainMatch,
  containsMatch,
  hasMatch,
  idMatch,
  lastUpdatedMatch,
  localReferenceMatch,
  not,
  or,
  presenceMatch,
  SEE_EVERYTHING,
  type Expression,
  type IndexEntry,
} from '../../src/store/index.ts'
import { only, R } from './access-world.ts'
import { asks, build, chain, code, is, refers, to, within } from './link-words.ts'
import {
  commit,
  EVERY,
  put,
  remove,
  storeTest,
  write,
  type Content,
  type OpenStore,
  type Tester,
} from './world.ts'

export function linksContract(t: Tester, open: OpenStore): void {
  chains(t, open)
  reverse(t, open)
  canonicals(t, open)
  hidden(t, open)
  overTime(t, open)
  crowds(t, open)
}

const FAMILY: Readonly<Record<string, Content>> = {
  'Organization/o1': { entries: [code('clinic')] },
  'Organization/o2': { entries: [code('lab'), refers('part', 'Organization/o1')] },
  'Patient/p1': { entries: [code('ann'), refers('organization', 'Organization/o1')] },
  'Patient/p2': { entries: [code('bob'), refers('organization', 'Organization/o2')] },
  'Patient/p3': { entries: [code('ann')] },
  'Group/p1': { entries: [code('crowd')] },
  'Observation/a': { entries: [code('x'), refers('subject', 'Patient/p1')] },
  'Observation/b': { entries: [code('y'), refers('subject', 'Patient/p2')] },
  'Observation/c': { entries: [code('x'), refers('subject', 'Group/p1')] },
  'Observation/d': { entries: [code('x'), refers('subject', 'Patient/p1'), refers('subject', 'Patient/p2')] },
  'Observation/e': { entries: [refers('member', 'Observation/a'), refers('performer', 'Patient/p1')] },
  'Observation/f': { entries: [refers('member', 'Observation/e'), refers('subject', 'Patient/never')] },
  'Observation/self': { entries: [code('x'), refers('member', 'Observation/self')] },
  'Observation/none': {},
}

function chains(t: Tester, open: OpenStore): void {
  storeTest(t, open, 'chains of one step, of several, to several types', async (t, store) => {
    await build(store, FAMILY)
    await asks(t, store, 'Observation', [
      ['subject:Patient.code=ann', chain('subject', 'Patient', is('ann')), 'a d'],
      ['subject:Patient.code=bob', chain('subject', 'Patient', is('bob')), 'b d'],
      ['subject:Group.code=ann', chain('subject', 'Group', is('ann')), ''],
      ['subject:Patient', chain('subject', 'Patient'), 'a b d'],
      ['never:Patient', chain('never', 'Patient'), ''],
      ['subject:Device', chain('subject', 'Device'), ''],
      ['to no type', chainMatch('subject', []), ''],
      [
        'each type by its own condition',
        chainMatch('subject', [to('Patient', is('ann')), to('Group', is('crowd'))]),
        'a c d',
      ],
      ['by id', chain('subject', 'Patient', idMatch('p2')), 'b d'],
      ['by either', chain('subject', 'Patient', or([is('bob'), idMatch('p1')])), 'a b d'],
      ['by both of one target', chain('subject', 'Patient', and([is('ann'), idMatch('p2')])), ''],
      [
        'by two chains, of two targets',
        and([chain('subject', 'Patient', is('ann')), chain('subject', 'Patient', is('bob'))]),
        'd',
      ],
      ['a target that is not so', chain('subject', 'Patient', not(is('ann'))), 'b d'],
      ['no target that is so', not(chain('subject', 'Patient', is('ann'))), 'b c e f self none'],
      ['nobody', not(chain('subject', 'Patient')), 'c e f self none'],
      ['two steps', chain('subject', 'Patient', chain('organization', 'Organization', is('clinic'))), 'a d'],
      [
        'three steps',
        chain(
          'subject',
          'Patient',
          chain('organization', 'Organization', chain('part', 'Organization', is('clinic'))),
        ),
        'b d',
      ],
      [
        'four steps through its own type',
        chain(
          'member',
          'Observation',
          chain(
            'member',
            'Observation',
            chain('subject', 'Patient', chain('organization', 'Organization', is('clinic'))),
          ),
        ),
        'f',
      ],
      ['to itself', chain('member', 'Observation', is('x')), 'e self'],
      [
        'to itself, over and over',
        chain('member', 'Observation', chain('member', 'Observation', is('x'))),
        'f self',
      ],
      ['with a value', and([is('x'), chain('subject', 'Patient', is('ann'))]), 'a d'],
      ['or a value', or([is('y'), chain('subject', 'Patient', is('ann'))]), 'a b d'],
      ['over all types', chainMatch('performer', [to('Patient'), to('Group'), to('Practitioner')]), 'e'],
      [
        'written since',
        chain('subject', 'Patient', lastUpdatedMatch({ comparator: 'ge', low: 0, high: 1 })),
        'a b d',
      ],
      [
        'written never',
        chain('subject', 'Patient', lastUpdatedMatch({ comparator: 'lt', low: 0, high: 1 })),
        '',
      ],
      [
        'a target without a value',
        chain('subject', 'Patient', not(presenceMatch('organization', 'reference'))),
        '',
      ],
    ])
  })
}

function reverse(t: Tester, open: OpenStore): void {
  const has = (type: string, param: string, where: Expression = EVERY) => hasMatch(to(type, where), param)
  storeTest(t, open, '_has of one step, of several, mixed with chains', async (t, store) => {
    await build(store, FAMILY)
    await asks(t, store, 'Patient', [
      ['_has:Observation:subject:code=x', has('Observation', 'subject', is('x')), 'p1 p2'],
      ['_has:Observation:subject:code=y', has('Observation', 'subject', is('y')), 'p2'],
      ['_has:Observation:performer', has('Observation', 'performer'), 'p1'],
      ['by nobody', not(has('Observation', 'subject')), 'p3'],
      ['not by such', not(has('Observation', 'subject', is('y'))), 'p1 p3'],
      ['of a type that is not', has('Device', 'subject'), ''],
      ['under another parameter', has('Observation', 'member'), ''],
      [
        'both, by two',
        and([has('Observation', 'subject', is('x')), has('Observation', 'subject', is('y'))]),
        'p2',
      ],
      ['both, by one', has('Observation', 'subject', and([is('x'), is('y')])), ''],
      ['nested', has('Observation', 'subject', has('Observation', 'member')), 'p1'],
      [
        'nested twice',
        has('Observation', 'subject', has('Observation', 'member', has('Observation', 'member'))),
        'p1',
      ],
      ['a chain within', has('Observation', 'subject', chain('subject', 'Patient', is('bob'))), 'p1 p2'],
      ['by id', has('Observation', 'subject', idMatch('d')), 'p1 p2'],
      ['with a value', and([is('ann'), has('Observation', 'subject')]), 'p1'],
      ['or a value', or([is('ann'), has('Observation', 'subject', is('y'))]), 'p1 p2 p3'],
    ])
    await asks(t, store, 'Organization', [
      ['within a chain', has('Patient', 'organization', has('Observation', 'subject', is('y'))), 'o2'],
      ['its own type', has('Organization', 'part'), 'o1'],
    ])
    await asks(t, store, 'Observation', [
      ['a _has within a chain', chain('subject', 'Patient', has('Observation', 'performer')), 'a d'],
      ['to itself', has('Observation', 'member', is('x')), 'self'],
    ])
    await asks(t, store, 'Group', [
      ['the same id of another type', has('Observation', 'subject'), 'p1'],
      ['not that of the Patient', has('Observation', 'performer'), ''],
    ])
  })
}

function canonicals(t: Tester, open: OpenStore): void {
  const URL = 'http://a.test/form'
  const url = (value: string): IndexEntry => ({ kind: 'uri', param: 'url', value })
  const version = (of: string, system = ''): IndexEntry => ({
    kind: 'token',
    param: 'version',
    system,
    code: of,
  })
  const canonical = (of: string, wanted?: string): IndexEntry => ({
    kind: 'reference',
    param: 'form',
    target: { kind: 'url', url: of, version: wanted },
  })
  storeTest(t, open, 'canonicals lead to every version, or to the one they name', async (t, store) => {
    await build(store, {
      'Response/early': { entries: [canonical(URL, '2')] },
      'Form/v1': { entries: [code('one'), url(URL), version('1')] },
      'Form/v2': { entries: [code('two'), url(URL), version('2')] },
      'Form/plain': { entries: [code('plain'), url(URL)] },
      'Form/foreign': { entries: [code('foreign'), url(URL), version('3', 'urn:s')] },
      'Form/other': { entries: [code('other'), url(`${URL}/other`), version('1')] },
      'List/v1': { entries: [code('one'), url(URL), version('1')] },
      'Response/any': { entries: [canonical(URL)] },
      'Response/one': { entries: [canonical(URL, '1')] },
      'Response/two': { entries: [canonical(URL, '2')] },
      'Response/three': { entries: [canonical(URL, '3')] },
      'Response/other': { entries: [canonical(`${URL}/other`)] },
      'Response/local': { entries: [refers('form', 'Form/v1')] },
      'Response/none': {},
    })
    await asks(t, store, 'Response', [
      ['form.code=one', chain('form', 'Form', is('one')), 'any one local'],
      ['form.code=two', chain('form', 'Form', is('two')), 'any two early'],
      ['form.code=plain', chain('form', 'Form', is('plain')), 'any'],
      ['a version is no token of a system', chain('form', 'Form', is('foreign')), 'any'],
      ['form.code=other', chain('form', 'Form', is('other')), 'other'],
      ['of another type', chain('form', 'List', is('one')), 'any one'],
      ['any form', chain('form', 'Form'), 'any one two early other local'],
      ['no form', not(chain('form', 'Form')), 'three none'],
    ])
    await asks(t, store, 'Form', [
      ['_has:Response:form', hasMatch(to('Response'), 'form'), 'v1 v2 plain foreign other'],
      ['_has of one that names a version', hasMatch(to('Response', idMatch('early')), 'form'), 'v2'],
      [
        '_has of one that names none',
        hasMatch(to('Response', idMatch('any')), 'form'),
        'v1 v2 plain foreign',
      ],
      ['_has of one that names what is not', hasMatch(to('Response', idMatch('three')), 'form'), ''],
      ['not referred to', not(hasMatch(to('Response'), 'form')), ''],
    ])
  })
}

function hidden(t: Tester, open: OpenStore): void {
  const ofP = only({ patients: ['p'], withoutLabels: [R] })
  storeTest(t, open, 'what a filter hides is not there, at any step', async (t, store) => {
    const mine = { patients: ['p'] }
    await build(store, {
      'Organization/open': { ...mine, entries: [code('clinic')] },
      'Organization/closed': { ...mine, entries: [code('clinic')], labels: [R] },
      'Patient/p': { ...mine, entries: [code('ann'), refers('organization', 'Organization/open')] },
      'Patient/q': { patients: ['q'], entries: [code('ann'), refers('organization', 'Organization/open')] },
      'Patient/r': { ...mine, entries: [code('ann'), refers('organization', 'Organization/closed')] },
      'Observation/ofP': { ...mine, entries: [code('x'), refers('subject', 'Patient/p')] },
      'Observation/ofQ': { ...mine, entries: [code('x'), refers('subject', 'Patient/q')] },
      'Observation/ofR': { ...mine, entries: [code('x'), refers('subject', 'Patient/r')] },
      'Observation/secret': { ...mine, labels: [R], entries: [code('y'), refers('subject', 'Patient/r')] },
      'Observation/box': {
        ...mine,
        entries: [within('subject', 'k')],
        contained: [{ type: 'Patient', id: 'k', entries: [code('ann')] }],
      },
      'Observation/boxR': {
        ...mine,
        labels: [R],
        entries: [within('subject', 'k')],
        contained: [{ type: 'Patient', id: 'k', entries: [code('ann')] }],
      },
    })
    const has = (where: Expression) => hasMatch(to('Observation', where), 'subject')
    const clinic = chain('subject', 'Patient', chain('organization', 'Organization', is('clinic')))
    await asks(
      t,
      store,
      'Observation',
      [
        ['a hidden target', chain('subject', 'Patient', is('ann')), 'ofP ofR box'],
        ['not such a target', not(chain('subject', 'Patient', is('ann'))), 'ofQ'],
        ['a target that is not so', chain('subject', 'Patient', not(is('bob'))), 'ofP ofR box'],
        ['a hidden second target', clinic, 'ofP'],
        ['not', not(clinic), 'ofQ ofR box'],
        ['not, within', chain('subject', 'Patient', not(chain('organization', 'Organization'))), 'ofR box'],
        ['the reference itself is seen', localReferenceMatch('subject', ['Patient'], 'q'), 'ofQ'],
        ['contained in what is seen', containsMatch('Patient', is('ann')), 'box'],
      ],
      ofP,
    )
    await asks(
      t,
      store,
      'Patient',
      [
        ['a hidden referrer', has(is('y')), ''],
        ['not', not(has(is('y'))), 'p r'],
        ['another referrer', has(is('x')), 'p r'],
      ],
      ofP,
    )
    await asks(t, store, 'Patient', [['for who sees everything', has(is('y')), 'r']])
    const onlyObservations = only({ types: ['Observation'] })
    await asks(
      t,
      store,
      'Observation',
      [
        ['no type that is not seen', chain('subject', 'Patient'), 'box boxR'],
        ['contained ones need no rule of their own', containsMatch('Patient', EVERY), 'box boxR'],
      ],
      onlyObservations,
    )
  })
}

function overTime(t: Tester, open: OpenStore): void {
  storeTest(t, open, 'targets that come later, go, change, and come again', async (t, store) => {
    const ann = chain('subject', 'Patient', is('ann'))
    const has = hasMatch(to('Observation', is('x')), 'subject')
    const state = async () => ({
      chain: (await store.matches('Observation', ann, 9, SEE_EVERYTHING)).join(),
      none: (await store.matches('Observation', not(chain('subject', 'Patient')), 9, SEE_EVERYTHING)).join(),
      has: (await store.matches('Patient', has, 9, SEE_EVERYTHING)).join(),
    })
    const observation = (...entries: IndexEntry[]) =>
      put('Observation', 'o', { entries: [...entries, refers('subject', 'Patient/p')] })
    await write(store, observation(code('x')))
    t.strictSame(await state(), { chain: '', none: 'o', has: '' }, 'before the target is there')
    await write(store, put('Patient', 'p', { entries: [code('ann')] }))
    t.strictSame(await state(), { chain: 'o', none: '', has: 'p' }, 'when it comes')
    await write(store, put('Patient', 'p', { entries: [code('bob')] }))
    t.strictSame(await state(), { chain: '', none: '', has: 'p' }, 'when it changes')
    await write(store, remove('Patient', 'p'))
    t.strictSame(await state(), { chain: '', none: 'o', has: '' }, 'when it goes')
    await write(store, put('Patient', 'p', { entries: [code('ann')] }))
    t.strictSame(await state(), { chain: 'o', none: '', has: 'p' }, 'when it comes again')
    await write(store, observation(code('y')))
    t.strictSame(await state(), { chain: 'o', none: '', has: '' }, 'when the referrer changes')
    await write(store, observation(code('x')))
    await write(store, remove('Observation', 'o'))
    t.strictSame(await state(), { chain: '', none: '', has: '' }, 'when the referrer goes')
    await write(
      store,
      observation(code('x')),
      put('Patient', 'p', { entries: [code('ann')], patients: ['p'] }),
    )
    t.strictSame(await state(), { chain: 'o', none: '', has: 'p' }, 'both in one commit')
    const lost = await store.commit(
      commit([put('Patient', 'p', { entries: [code('bob')] }), put('Group', 'g')], {
        assertions: [{ type: 'Observation', where: ann, ids: [] }],
      }),
    )
    t.strictSame(lost, { kind: 'matches-changed', assertion: 0 })
  })
}

function crowds(t: Tester, open: OpenStore): void {
  storeTest(t, open, 'more targets and referrers than one would collect', async (t, store) => {
    const many = 1200
    for (let at = 0; at < many; at += 100)
      await write(
        store,
        ...Array.from({ length: 100 }, (_, n) =>
          put('Patient', `p${at + n}`, {
            entries: [code('all'), code(`${(at + n) % 10}`), ...((at + n) % 2 ? [code('odd')] : [])],
          }),
        ),
      )
    for (let at = 0; at < 40; at++)
      await write(
        store,
        put('Observation', `o${at}`, {
          date: at,
          entries: [
            code(`${at % 4}`),
            refers('subject', `Patient/p${at * 30}`),
            refers('other', 'Patient/p7'),
          ],
        }),
      )
    const ids = (from: number, step: number, name: string, scale = 1) =>
      Array.from(
        { length: Math.ceil((40 - from) / step) },
        (_, at) => `${name}${(from + at * step) * scale}`,
      ).join(' ')
    await asks(t, store, 'Observation', [
      ['all of them', chain('subject', 'Patient', is('all')), ids(0, 1, 'o')],
      ['half of them', chain('subject', 'Patient', is('odd')), ''],
      ['with a value', and([is('1'), chain('subject', 'Patient', is('0'))]), ids(1, 4, 'o')],
      ['one of them', chain('other', 'Patient', and([is('odd'), idMatch('p7')])), ids(0, 1, 'o')],
      ['all but few', chain('subject', 'Patient', not(is('7'))), ids(0, 1, 'o')],
    ])
    await asks(t, store, 'Patient', [
      ['referred to', hasMatch(to('Observation', is('1')), 'subject'), ids(1, 4, 'p', 30)],
      ['by forty at once', hasMatch(to('Observation'), 'other'), 'p7'],
    ])
  })
}
