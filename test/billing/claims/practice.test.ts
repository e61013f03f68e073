// The practice that other tests of billing start from is one that could be.
import t from 'tap'
import { billingServer, billingWorld, note, npi, visit } from '../practice.ts'

t.test('NPIs check', async (t) => {
  t.equal(npi('123456789'), '1234567893', 'the example of the CMS')
})

t.test('it can be stored, and visits with it', async (t) => {
  const { put, read, view } = await billingWorld()
  await put(visit('v1'), note('v1'))
  t.equal((await read('Encounter', 'v1'))['status'], 'finished')
  t.equal((await view().read('DocumentReference', 'note-v1'))?.versionId, 1)
})

t.test('also as a server', async (t) => {
  const { ask, put } = await billingServer(t)
  await put(visit('v1', { modality: 'video', location: 'home1' }), note('v1'))
  t.equal((await ask('GET Encounter/v1')).status, 200)
})
