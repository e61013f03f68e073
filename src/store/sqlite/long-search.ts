// Where a search turns out to take long on the thread that answers everybody, it is given up there and made elsewhere.

/** What `Reading.brief` asks for. */
export class LongSearch extends Error {
  override readonly name = 'LongSearch'
}

/** Undefined when the search takes long. */
export function unlessLong<Result>(run: () => Result): Result | undefined {
  try {
    return run()
  } catch (error) {
    if (error instanceof LongSearch) return undefined
    throw error
  }
}
