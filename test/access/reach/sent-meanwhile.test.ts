// A label that somebody sends stays sent, also when another write of the same resource was planned before it was.
import t from 'tap'
import { parseJson, type JsonObject, type Resource } from '../../../src/fhir/index.ts'
import { Repository } from '../../../src/repository/index.ts'
import { UNAUTHENTICATED } from '../../../src/access/index.ts'
import { ACT_CODE } from '../labels/rules.ts'
import { labelledWorld } from './labelled-world.ts'

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const subject = { reference: 'Patient/p' }

t.test('a label that was found is sent while another write is planned', async (t) => {
  const world = await labelledWorld()
  t.teardown(() => world.close())
  let meanwhile: (() => Promise<unknown>) | undefined
  /** Whose commits wait for what is done meanwhile. */
  const late = new Repository(
    {
      ...world.parts,
      store: {
        ...world.store,
        commit: async (commit, asker) => {
          const first = meanwhile
          meanwhile = undefined
          await first?.()
          return world.store.commit(commit, asker)
        },
      },
    },
    UNAUTHENTICATED,
  )
  const put = (repository: Repository, resource: JsonObject) =>
    repository.write({
      kind: 'update',
      target: { type: String(resource['resourceType']), id: String(resource['id']) },
      resource: resource as Resource,
    })
  const condition = (code: string, more: JsonObject = {}): JsonObject => ({
    resourceType: 'Condition',
    id: 'c',
    subject,
    code: { coding: [{ system: ICD, code }] },
    ...more,
  })
  const sent = (...codes: string[]): JsonObject => ({
    meta: { security: codes.map((code) => ({ system: ACT_CODE, code })) },
  })
  await put(world.repository, { resourceType: 'Patient', id: 'p' })
  await put(world.repository, condition('F10.20', sent('NORDSCLCD')))
  meanwhile = () => put(world.repository, condition('F10.20', sent('SUD')))
  await put(late, condition('F10.20', { onsetString: 'long ago' }))
  await put(world.repository, condition('I10'))
  const { body } = await world.repository.read('Condition', 'c')
  const { meta } = parseJson(body as Buffer) as { meta: { security: { code: string }[] } }
  t.strictSame(meta.security.map(({ code }) => code).toSorted(), ['NORDSCLCD', 'R', 'SUD'])
})
