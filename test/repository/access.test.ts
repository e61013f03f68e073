// A write is held to the AccessFilter on what is there and on what it would leave there.
import t from 'tap'
import { admits } from '../../src/access/index.ts'
import type { FhirError, Resource } from '../../src/fhir/index.ts'
import type { TransactionRequest } from '../../src/repository/index.ts'
import { executeWrites } from '../../src/repository/write.ts'
import { NO_LOOKUP } from '../../src/search/index.ts'
import { SEE_EVERYTHING, SEE_NOTHING, type AccessFilter } from '../../src/store/index.ts'
import { identified, patient, world } from './world.ts'

const LABEL = { system: 'urn:labels', code: 'secret' }
const rule = (more: object): AccessFilter => ({
  anyOf: [{ types: '*', patients: '*', withoutLabels: [], ...more }],
})

t.test('admits', async (t) => {
  const index = { patients: ['p', 'q'], labels: [LABEL] }
  const bare = { patients: [], labels: [] }
  const cases: [string, AccessFilter, object, boolean][] = [
    ['everything', SEE_EVERYTHING, index, true],
    ['nothing', SEE_NOTHING, index, false],
    ['its type', rule({ types: ['Observation'] }), index, true],
    ['another type', rule({ types: ['Patient'] }), index, false],
    ['one of its patients', rule({ patients: ['q'] }), index, true],
    ['another patient', rule({ patients: ['r'] }), index, false],
    ['no patient at all', rule({ patients: ['p'] }), bare, false],
    ['without its label', rule({ withoutLabels: [LABEL] }), index, false],
    [
      'without a label of the same code',
      rule({ withoutLabels: [{ system: 'urn:x', code: 'secret' }] }),
      index,
      true,
    ],
    [
      'one of two rules',
      { anyOf: [...rule({ types: [] }).anyOf, ...rule({ patients: ['p'] }).anyOf] },
      index,
      true,
    ],
  ]
  for (const [name, filter, of, expected] of cases)
    t.equal(admits(filter, 'Observation', of as typeof index), expected, name)
})

t.test('a write may neither touch what is hidden nor make it', async (t) => {
  const { parts } = world()
  const write = (access: AccessFilter, ...requests: object[]) =>
    executeWrites(
      parts,
      access,
      () => NO_LOOKUP,
      requests.map((request, entry) => ({ ...request, entry })) as TransactionRequest[],
      requests.length > 1,
    )
  const update = (resource: Resource) => ({
    kind: 'update',
    target: { type: resource.resourceType, id: resource.id },
    resource,
  })
  const secret = { meta: { security: [LABEL] } }
  await write(SEE_EVERYTHING, update(identified('1', { id: 'hidden', ...secret })))
  await write(SEE_EVERYTHING, update(patient({ id: 'p' })))
  const blind = rule({ withoutLabels: [LABEL] })

  await t.rejects(write(blind, update(identified('2', { id: 'hidden' }))), { code: 'not-found' }, 'update')
  await t.rejects(
    write(blind, {
      kind: 'patch',
      target: { type: 'Patient', id: 'hidden' },
      patch: { kind: 'json-patch', operations: [] },
    }),
    { code: 'not-found' },
    'patch',
  )
  const answers: unknown[] = []
  for (const id of ['hidden', 'never'])
    answers.push(
      await write(blind, { ...update(patient({ id })), ifMatch: { versions: ['1'] } }).catch(
        (error: FhirError) => [error.code, error.message.replace(id, 'ID')],
      ),
    )
  t.same(answers[0], answers[1], 'If-Match on what is hidden fails as on what never was')
  for (const id of ['hidden', 'never'])
    t.match(
      await write(blind, { kind: 'delete', target: { type: 'Patient', id } }),
      [{ outcome: 'absent' }],
      'deleting what is hidden is answered as deleting nothing',
    )
  t.equal((await parts.store.read({ type: 'Patient', id: 'hidden' }, SEE_EVERYTHING))?.versionId, 1)
  await t.rejects(
    write(blind, update(patient({ id: 'p', ...secret }))),
    { code: 'forbidden' },
    'making what is hidden',
  )
  const before = await parts.store.maintenance.counts()
  await t.rejects(
    write(blind, update(patient({ id: 'a' })), update(patient({ id: 'b', ...secret }))),
    { code: 'forbidden', issues: [{ expression: 'Bundle.entry[1]' }] },
    'in a transaction',
  )
  t.same(await parts.store.maintenance.counts(), before)

  const [made] = await write(blind, {
    kind: 'create',
    type: 'Patient',
    resource: identified('1'),
    ifNoneExist: 'identifier=1',
  })
  t.equal(made?.outcome, 'created', 'criteria do not match what is hidden')
  await t.rejects(
    write(blind, {
      kind: 'create',
      type: 'Observation',
      resource: {
        resourceType: 'Observation',
        status: 'final',
        code: { text: 'x' },
        subject: { reference: 'Patient/hidden' },
      },
    }),
    { code: 'business-rule', message: /Patient\/hidden points at nothing/ },
    'a reference to what is hidden leads to nothing',
  )
  await t.rejects(
    write(rule({ patients: ['p'] }), {
      kind: 'create',
      type: 'Observation',
      resource: { resourceType: 'Observation', status: 'final', code: { text: 'x' } },
    }),
    { code: 'forbidden' },
    'outside of the compartment',
  )
})
