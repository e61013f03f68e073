// Contract: what a resource contains is found through it, and by nothing else (https://hl7.org/fhir/R4/search.html#contained).
import {
  chainMatch,
  compartmentMatch,
  containsMatch,
  hasMatch,
  idMatch,
  lastUpdatedMatch,
  localReferenceMatch,
  not,
  presenceMatch,
  textMatch,
  type IndexEntry,
} from '../../src/store/index.ts'
import { asks, build, chain, code, is, refers, to, within } from './link-words.ts'
import { EVERY, put, remove, storeTest, write, type OpenStore, type Tester } from './world.ts'

export function containedContract(t: Tester, open: OpenStore): void {
  const drug = (of: string, ...more: IndexEntry[]): IndexEntry[] => [code(of), ...more]
  storeTest(
    t,
    open,
    'what a resource contains: chained to, asked for, by its own values',
    async (t, store) => {
      await build(store, {
        'Patient/p': { entries: [code('ann')] },
        'Medication/m': { entries: drug('aspirin') },
        'Request/contained': {
          entries: [within('medication', 'm')],
          contained: [{ type: 'Medication', id: 'm', entries: drug('aspirin') }],
          patients: ['p'],
        },
        'Request/stored': { entries: [refers('medication', 'Medication/m')] },
        'Request/other': {
          entries: [within('medication', 'm'), code('aspirin')],
          contained: [{ type: 'Medication', id: 'm', entries: drug('opium') }],
        },
        'Request/unused': {
          entries: [within('medication', 'gone')],
          contained: [
            { type: 'Medication', id: 'm', entries: drug('aspirin', within('maker', 'o')) },
            { type: 'Organization', id: 'o', entries: drug('bayer', refers('contact', 'Patient/p')) },
          ],
        },
        'Request/two': {
          entries: [within('medication', 'a'), within('medication', 'b')],
          contained: [
            { type: 'Medication', id: 'a', entries: drug('opium', within('maker', 'o')) },
            { type: 'Medication', id: 'b', entries: drug('aspirin') },
            { type: 'Organization', id: 'o', entries: drug('bayer') },
          ],
        },
        'Request/foreign': {
          entries: [within('medication', 'p')],
          contained: [{ type: 'Patient', id: 'p', entries: drug('aspirin') }],
        },
        'Request/none': {},
      })
      const contains = containsMatch
      await asks(t, store, 'Request', [
        ['medication.code=aspirin', chain('medication', 'Medication', is('aspirin')), 'contained stored two'],
        ['medication.code=opium', chain('medication', 'Medication', is('opium')), 'other two'],
        ['medication', chain('medication', 'Medication'), 'contained stored other two'],
        ['not', not(chain('medication', 'Medication', is('aspirin'))), 'other unused foreign none'],
        ['of the type it has', chain('medication', 'Patient', is('aspirin')), 'foreign'],
        [
          'by either type',
          chainMatch('medication', [to('Patient', is('aspirin')), to('Medication', is('opium'))]),
          'foreign other two',
        ],
        [
          'from contained to contained',
          chain('medication', 'Medication', chain('maker', 'Organization', is('bayer'))),
          'two',
        ],
        ['contains a Medication', contains('Medication', EVERY), 'contained other unused two'],
        ['contains aspirin', contains('Medication', is('aspirin')), 'contained unused two'],
        ['contains none', not(contains('Medication', EVERY)), 'stored foreign none'],
        [
          'contains one of another maker',
          contains('Medication', not(chain('maker', 'Organization', EVERY))),
          'contained other two',
        ],
        [
          'contained, referring to what is stored',
          contains('Organization', chain('contact', 'Patient', is('ann'))),
          'unused',
        ],
        [
          'contained, referring by id',
          contains('Organization', localReferenceMatch('contact', ['Patient'], 'p')),
          'unused',
        ],
        ['by the id within', contains('Medication', idMatch('m')), 'contained other unused'],
        ['chained, by the id within', chain('medication', 'Medication', idMatch('b')), 'two'],
        ['in the compartment of its container', contains('Medication', compartmentMatch(['p'])), 'contained'],
        [
          'it was never written by itself',
          contains('Medication', lastUpdatedMatch({ comparator: 'ge', low: 0, high: 1 })),
          '',
        ],
        ['it has no text', contains('Medication', textMatch('content', ['aspirin'])), ''],
        ['but its container has', textMatch('content', ['opium']), 'other two'],
        ['it contains nothing', contains('Medication', contains('Organization', EVERY)), ''],
        [
          'referred to by its container',
          contains('Medication', hasMatch(to('Request'), 'medication')),
          'contained other two',
        ],
        [
          'referred to by no resource of its own',
          contains('Organization', hasMatch(to('Medication'), 'maker')),
          '',
        ],
        ['presence within', contains('Medication', presenceMatch('maker', 'reference')), 'unused two'],
        [
          'a reference to what it does not contain',
          presenceMatch('medication', 'reference'),
          'contained stored other two foreign',
        ],
      ])
      await asks(t, store, 'Medication', [
        ['contained ones are no resources', EVERY, 'm'],
        ['nor found', is('opium'), ''],
        ['_has does not reach into a container', hasMatch(to('Request'), 'medication'), 'm'],
      ])
      await asks(t, store, 'Patient', [['as referrers neither', hasMatch(to('Organization'), 'contact'), '']])
      t.strictSame(await store.maintenance.counts(), { resources: 9, versions: 9 })
      const all = []
      for await (const batch of store.maintenance.currentResources(4)) all.push(...batch)
      t.equal(all.length, 9)

      await write(store, put('Request', 'contained', { entries: [within('medication', 'm')] }))
      await write(
        store,
        put('Request', 'other', {
          entries: [within('medication', 'n')],
          contained: [{ type: 'Medication', id: 'n', entries: drug('aspirin') }],
        }),
        remove('Request', 'two'),
      )
      await asks(t, store, 'Request', [
        ['after updates and deletes', chain('medication', 'Medication', is('aspirin')), 'stored other'],
        ['and contained', contains('Medication', EVERY), 'other unused'],
      ])
      t.strictSame(await store.maintenance.verify(), [])
    },
  )
}
