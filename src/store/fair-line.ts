// A waiting line in which askers take turns, so that whoever has little in it need not wait behind one who has much.

interface Lane<Item> {
  readonly items: (Item | undefined)[]
  /** Where the first that still waits stands, or one that has left. */
  head: number
  count: number
}

/** Items of one asker keep their order. Every step takes constant time, `leave` one that grows with the asker's own. */
export class FairLine<Item extends object> {
  /** In the order of their turns. */
  readonly #lanes = new Map<string, Lane<Item>>()
  #length = 0

  get length(): number {
    return this.#length
  }

  join(name: string, item: Item): void {
    const lane = this.#lanes.get(name)
    if (lane === undefined) this.#lanes.set(name, { items: [item], head: 0, count: 1 })
    else {
      lane.items.push(item)
      lane.count++
    }
    this.#length++
  }

  /** Takes the next in turn. */
  next(): Item | undefined {
    for (const [name, lane] of this.#lanes) {
      while (lane.items[lane.head] === undefined) lane.head++
      const item = lane.items[lane.head]
      lane.items[lane.head++] = undefined
      this.#length--
      const isAlone = this.#lanes.size === 1
      if (--lane.count === 0) this.#lanes.delete(name)
      else {
        tighten(lane)
        if (!isAlone) this.#toTheEnd(name, lane)
      }
      return item
    }
    return undefined
  }

  /** Behind all others. */
  #toTheEnd(name: string, lane: Lane<Item>): void {
    this.#lanes.delete(name)
    this.#lanes.set(name, lane)
  }

  /** Takes it out of turn; whether it was there. */
  leave(name: string, item: Item): boolean {
    const lane = this.#lanes.get(name)
    const at = lane?.items.indexOf(item, lane.head) ?? -1
    if (lane === undefined || at < 0) return false
    lane.items[at] = undefined
    this.#length--
    if (--lane.count === 0) this.#lanes.delete(name)
    return true
  }
}

const WORTH_TIGHTENING = 1024

function tighten<Item>(lane: Lane<Item>): void {
  if (lane.head < WORTH_TIGHTENING || lane.head * 2 < lane.items.length) return
  lane.items.splice(0, lane.head)
  lane.head = 0
}
