// Numbers that are given once: of interchanges, groups and sets.

/** What keeps the last number that was given. */
export interface NumberKeeper {
  getSetting(name: string): Promise<string | undefined>
  setSetting(name: string, value: string): Promise<void>
}

export interface ControlNumbers {
  /**
   * The first of `count` numbers in a row, from 1 to 999,999,999 and then from 1 again: none is given twice, also over a
   * restart; one may be left out.
   * @param series such as `interchange`
   */
  next(series: string, count?: number): Promise<number>
}

const LAST = 999_999_999

export function createControlNumbers(keeper: NumberKeeper): ControlNumbers {
  let turn: Promise<unknown> = Promise.resolve()
  return {
    next(series, count = 1) {
      const given = turn.then(async () => {
        const name = `x12-control-number-${series}`
        const last = Number((await keeper.getSetting(name)) ?? 0)
        const first = last + count > LAST ? 1 : last + 1
        await keeper.setSetting(name, String(first + count - 1))
        return first
      })
      turn = given.catch(() => {})
      return given
    },
  }
}
