// A store whose process can die, to break off what is being sent.
import { FhirError } from '../../../src/fhir/index.ts'
import type { Store } from '../../../src/store/index.ts'

/** From the moment on at which it dies it does nothing any more. */
export function mortal(inner: Store) {
  const life = {
    isDead: false,
    commits: 0,
    dies: (_commit: number): 'before' | 'after' | undefined => undefined,
  }
  const dead = () => {
    if (life.isDead) throw new FhirError('storage-failed', 'The process has ended.')
  }
  const store: Store = Object.assign(Object.create(inner) as Store, {
    async read(...asked: Parameters<Store['read']>) {
      dead()
      return inner.read(...asked)
    },
    async search(...asked: Parameters<Store['search']>) {
      dead()
      return inner.search(...asked)
    },
    async commit(...asked: Parameters<Store['commit']>) {
      dead()
      const how = life.dies(++life.commits)
      if (how !== undefined) life.isDead = true
      if (how === 'before') dead()
      const result = await inner.commit(...asked)
      if (how === 'after') dead()
      return result
    },
  })
  return { store, life }
}
