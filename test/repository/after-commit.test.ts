// What is noted for later once a write is committed is no part of it: a disk that refuses the note makes no refusal of
// the write.
import t from 'tap'
import type { JsonObject, Resource } from '../../src/fhir/index.ts'
import { labelledWorld } from '../access/reach/labelled-world.ts'

t.test('a write that is committed is answered so, whatever becomes of what follows it', async (t) => {
  const world = await labelledWorld({ mostDependents: 1 })
  t.teardown(() => world.close())
  const { maintenance } = world.store
  const put = (resource: JsonObject) =>
    world.repository.write({
      kind: 'update',
      target: { type: String(resource['resourceType']), id: String(resource['id']) },
      resource: resource as Resource,
    })
  const condition = (code: string): JsonObject => ({
    resourceType: 'Condition',
    id: 'c',
    subject: { reference: 'Patient/p' },
    code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code }] },
  })
  const questionnaire: JsonObject = {
    resourceType: 'Questionnaire',
    id: 'q',
    url: 'http://clinic.example/q',
    status: 'active',
    code: [{ system: 'http://loinc.org', code: '75626-2' }],
  }
  await put({ resourceType: 'Patient', id: 'p' })
  await put({
    resourceType: 'QuestionnaireResponse',
    id: 'r',
    status: 'completed',
    questionnaire: 'http://clinic.example/q',
  })
  await put(condition('F10.20'))
  for (const id of ['e1', 'e2', 'e3'])
    await put({
      resourceType: 'Encounter',
      id,
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      subject: { reference: 'Patient/p' },
      diagnosis: [{ condition: { reference: 'Condition/c' } }],
    })
  await world.relabelling.whenDone(() => {})

  const { setSetting } = maintenance
  maintenance.setSetting = () => Promise.reject(new Error('the disk is full'))
  const outcomes = [await put(condition('E11.9')), await put(questionnaire)].map(({ outcome }) => outcome)
  maintenance.setSetting = setSetting
  t.same(outcomes, ['updated', 'created'])
  t.ok(world.failures.length > 0, 'it is told of all the same')
})
