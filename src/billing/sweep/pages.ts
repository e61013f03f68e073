// All matches of a search, a page at a time, so that nothing is kept of what was gone through, and others are served
// between them.
import { setImmediate } from 'node:timers/promises'
import { knownVersion, type KnownVersion, type Repository } from '../../repository/index.ts'
import { searchQuery, type Expression } from '../../store/index.ts'

const PAGE = 100

export async function* pagesOf(
  repository: Repository,
  type: string,
  where: Expression,
  isStopped: () => boolean,
): AsyncGenerator<readonly KnownVersion[]> {
  let cursor: string | undefined
  do {
    await setImmediate()
    if (isStopped()) return
    const { matches, next } = await repository.search(searchQuery({ type, where, count: PAGE, cursor }))
    yield matches.flatMap((version) => knownVersion(version) ?? [])
    cursor = next
  } while (cursor !== undefined)
}
