// Whose request begins when there are more than the thread can answer at once: callers take turns, what is quickly
// answered does not wait behind what is not, and requests of one connection are answered one after another.
import { FairLine } from '../store/index.ts'
import type { HttpExchange } from './exchange.ts'

/** How long requests are begun, of each kind, before the loop turns and sees who else has come; milliseconds. */
const MS_A_TURN = 5
/** The same for what is quickly answered: to let it stand in line would cost more than to answer it. */
const QUICK_MS_A_TURN = 20
/**
 * Requests that may be begun in one turn of the loop, beside what they take: enough that a line which has formed goes
 * away again, though as many come anew as were answered.
 */
const MOST_A_TURN = 256
/** The loop accepts one connection a turn: while they come, so many turns are kept short. */
const MOST_SHORT_TURNS = 64

interface Waiting {
  readonly exchange: HttpExchange
  readonly begin: () => void
}

export class Turns {
  readonly #quick = new FairLine<Waiting>()
  readonly #other = new FairLine<Waiting>()
  /** performance.now() when the first request of this turn of the loop came. */
  #since = 0
  #inTurn = false
  #passes = false
  #connected = false
  #shortTurns = 0

  /** Requests that wait for the thread. */
  get waiting(): number {
    return this.#quick.length + this.#other.length
  }

  /** A connection was accepted in this turn of the loop; more may be waiting. */
  connected(): void {
    this.#connected = true
  }

  /** Whether it may begin now; else `wait` is to be called. `now` as performance.now(). */
  isFree(exchange: HttpExchange, now: number): boolean {
    if (exchange.isBehindAnother) return false
    if (!this.#inTurn) {
      this.#inTurn = true
      this.#since = now
      setImmediate(() => {
        this.#inTurn = false
      })
    }
    const spent = now - this.#since
    if (this.waiting === 0 && spent < MS_A_TURN) return true
    return this.#quick.length === 0 && spent < QUICK_MS_A_TURN && isQuick(exchange)
  }

  /** Resolves when all before it on its connection are answered; never when its client has left before. */
  async ofConnection(exchange: HttpExchange): Promise<void> {
    if (!exchange.isBehindAnother) return
    await new Promise<void>((resolve) => {
      // Answered already when it took too long: then it is not to begin.
      exchange.response.once('socket', () => exchange.gone || resolve())
    })
  }

  /** Resolves when it is its turn; never when its client has left before. */
  async wait(exchange: HttpExchange): Promise<void> {
    await this.ofConnection(exchange)
    await new Promise<void>((resolve) => {
      const line = isQuick(exchange) ? this.#quick : this.#other
      const { name } = exchange
      const waiting: Waiting = {
        exchange,
        begin: () => {
          stay()
          resolve()
        },
      }
      const stay = exchange.onGone(() => line.leave(name, waiting))
      line.join(name, waiting)
      this.#pass()
    })
  }

  /** Each begins in a callback of its own, behind which what it does at once is done. */
  #pass(): void {
    if (this.#passes) return
    this.#passes = true
    setImmediate(() => {
      const quick = new Spell(this.#quick)
      const other = new Spell(this.#other)
      const short = this.#connected && this.#shortTurns < MOST_SHORT_TURNS
      this.#shortTurns = short ? this.#shortTurns + 1 : 0
      this.#connected = false
      const one = (): void => {
        if (!quick.goesOn() && !short) other.goesOn()
      }
      const most = Math.min(this.waiting, MOST_A_TURN)
      for (let n = 0; n < most; n++) setImmediate(one)
      setImmediate(() => {
        this.#passes = false
        if (this.waiting > 0) this.#pass()
      })
    })
  }
}

/** Begins requests of one line for so long. */
class Spell {
  readonly #line: FairLine<Waiting>
  #spent = 0
  #begun = 0

  constructor(line: FairLine<Waiting>) {
    this.#line = line
  }

  /** Whether one has begun. */
  goesOn(): boolean {
    const now = performance.now()
    if (this.#begun > 0) this.#spent += now - this.#begun
    this.#begun = 0
    if (this.#spent >= MS_A_TURN) return false
    const next = this.#line.next()
    if (next === undefined) return false
    this.#begun = now
    next.begin()
    return true
  }
}

/** What is found by its id: no search, nothing to write. */
const BY_ID = /\/(?:metadata|[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}(?:\/_history\/\d+)?)$/

function isQuick({ request }: HttpExchange): boolean {
  const { method, url = '' } = request
  return (method === 'GET' || method === 'HEAD') && BY_ID.test(url)
}
