// Contract: composites, values that stand together in one element (https://hl7.org/fhir/R4/search.html#composite).
import {
  and,
  compositeMatch,
  dateMatch,
  localReferenceMatch,
  not,
  numberMatch,
  or,
  quantityMatch,
  stringMatch,
  tokenMatch,
  tokenSetMatch,
  uriMatch,
  urlReferenceMatch,
  type CompositeEntry,
  type Expression,
  type IndexEntry,
} from '../../src/store/index.ts'
import { among, table } from './match-table.ts'
import type { OpenStore, Tester } from './world.ts'

export function compositesContract(t: Tester, open: OpenStore): void {
  type Component = CompositeEntry['components'][number]
  const pair = (...components: readonly Component[]): IndexEntry => ({
    kind: 'composite',
    param: 'pair',
    components,
  })
  const code = (of: string, system = 'urn:s'): Component => ({ kind: 'token', param: '0', system, code: of })
  const value = (of: number, unit = 'mg', param = '1'): Component => ({
    kind: 'quantity',
    param,
    low: of,
    high: of,
    system: 'urn:u',
    code: unit,
    unit,
  })
  const is = (of: string) => tokenMatch('0', undefined, of)
  const over = (of: number, param = '1') =>
    quantityMatch(param, { comparator: 'gt', low: of, high: of }, 'urn:u', 'mg')
  const both = (...components: Expression[]) => compositeMatch('pair', components)
  const reference = (id: string): Component => ({
    kind: 'reference',
    param: '0',
    target: { kind: 'local', type: 'Patient', id },
  })
  const canonical = (version: string | undefined): Component => ({
    kind: 'reference',
    param: '0',
    target: { kind: 'url', url: 'http://a.test/q', version },
  })
  table(
    t,
    open,
    'composites: values that stand together, not across',
    {
      a5b9: [pair(code('a'), value(5)), pair(code('b'), value(9))],
      a9b5: [pair(code('a'), value(9)), pair(code('b'), value(5))],
      grams: [pair(code('a'), value(9, 'g')), pair(code('a'), value(9000, 'mg', '1:ucum'))],
      date: [pair(code('a'), { kind: 'date', param: '1', low: 10, high: 20 })],
      text: [pair(code('a'), { kind: 'string', param: '1', folded: 'o\'hara "x"', exact: 'O\'Hara "X"' })],
      number: [pair(code('a'), { kind: 'number', param: '1', low: 0.5, high: 0.5 })],
      open: [pair(code('a'), { kind: 'date', param: '1', low: 10, high: Infinity })],
      uri: [pair(code('a', ''), { kind: 'uri', param: '1', value: 'http://a.test/%' })],
      refers: [pair(reference('p'), code('a')), pair(reference('q'), { ...code('b'), param: '1' })],
      canonical: [pair(canonical('1'), { ...code('c'), param: '1' })],
      plain: [pair(canonical(undefined), { ...code('c'), param: '1' })],
      three: [pair(code('a'), value(1), { kind: 'number', param: '2', low: 3, high: 3 })],
      apart: [code('a'), { ...value(9) }],
      none: [],
    },
    [
      ['a over 6', both(is('a'), over(6)), 'a9b5'],
      ['a over 4', both(is('a'), over(4)), 'a5b9 a9b5'],
      ['b over 6', both(is('b'), over(6)), 'a5b9'],
      ['a or b over 6', both(or([is('a'), is('b')]), over(6)), 'a5b9 a9b5'],
      ['a over 6, or in base units', both(is('a'), or([over(6), over(6, '1:ucum')])), 'a9b5 grams'],
      ['not a, over 6', both(not(is('a')), over(6)), 'a5b9'],
      ['a, not over 6', both(is('a'), and([over(0), not(over(6))])), 'a5b9 three'],
      ['system and code', both(tokenMatch('0', 'urn:s', 'a'), over(6)), 'a9b5'],
      ['another system', both(tokenMatch('0', 'urn:t', 'a'), over(0)), ''],
      ['no system', both(tokenMatch('0', '', 'a'), uriMatch('1', 'http://a.test/%')), 'uri'],
      ['all of a system', both(tokenMatch('0', 'urn:s', undefined), over(6)), 'a5b9 a9b5'],
      [
        'one of a set',
        both(tokenSetMatch('0', [{ system: 'urn:s', codes: ['b', 'c', 'unheard-of'] }]), over(6)),
        'a5b9',
      ],
      ['all of a set', both(tokenSetMatch('0', [{ system: 'urn:s', codes: 'all' }]), over(6)), 'a5b9 a9b5'],
      ['a date', both(is('a'), dateMatch('1', { comparator: 'eq', low: 10, high: 20 })), 'date'],
      ['an open date', both(is('a'), dateMatch('1', { comparator: 'gt', low: 10, high: 20 })), 'open'],
      ['a string', both(is('a'), stringMatch('1', "o'hara")), 'text'],
      ['as written', both(is('a'), stringMatch('1', 'O\'Hara "X"', 'exact')), 'text'],
      ['in it', both(is('a'), stringMatch('1', '"x', 'contains')), 'text'],
      ['a number', both(is('a'), numberMatch('1', { comparator: 'eq', low: 0.45, high: 0.55 })), 'number'],
      [
        'a reference',
        both(localReferenceMatch('0', ['Patient'], 'q'), tokenMatch('1', undefined, 'b')),
        'refers',
      ],
      [
        'a reference of another pair',
        both(localReferenceMatch('0', ['Patient'], 'p'), tokenMatch('1', undefined, 'b')),
        '',
      ],
      [
        'any version',
        both(urlReferenceMatch('0', 'http://a.test/q'), tokenMatch('1', undefined, 'c')),
        'canonical plain',
      ],
      [
        'one version',
        both(urlReferenceMatch('0', 'http://a.test/q|1'), tokenMatch('1', undefined, 'c')),
        'canonical',
      ],
      [
        'another version',
        both(urlReferenceMatch('0', 'http://a.test/q|2'), tokenMatch('1', undefined, 'c')),
        '',
      ],
      ['three', both(is('a'), over(0), numberMatch('2', { comparator: 'ge', low: 3, high: 3 })), 'three'],
      [
        'anything',
        both(and([]), and([])),
        'a5b9 a9b5 grams date text number open uri refers canonical plain three',
      ],
      ['nothing', both(or([]), and([])), ''],
      ['an unknown parameter', compositeMatch('never', [is('a'), over(0)]), ''],
      ['not such a pair', among('a5b9 a9b5 apart none', not(both(is('a'), over(6)))), 'a5b9 apart none'],
    ],
  )
}
