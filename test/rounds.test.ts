// Work that comes round: when it is due, one piece at a time, and what is seen of it when it fails or is stopped.
import t from 'tap'
import { RETRY_MS, Rounds, type Round } from '../src/rounds.ts'

const MINUTE = 60_000

function watched(make: (did: (what: string) => void) => readonly Round[]) {
  const clock = { now: 1_000_000 }
  const seen: string[] = []
  const told = (what: string) => void seen.push(what)
  const reports = {
    worked: () => told('worked'),
    failed: (error: unknown) => told(`failed: ${(error as Error).message}`),
  }
  const rounds = new Rounds(make(told), reports, () => clock.now)
  return {
    rounds,
    async after(minutes: number): Promise<readonly string[]> {
      clock.now += minutes * MINUTE
      await rounds.look()
      return seen.splice(0)
    },
  }
}

const round = (everyMinutes: number, firstMinutes: number, work: Round['work']): Round => ({
  everyMs: everyMinutes * MINUTE,
  firstMs: firstMinutes * MINUTE,
  work,
})

t.test('each comes when it is due', async (t) => {
  const { after } = watched((did) => [
    round(2, 0, async () => did('often')),
    round(60, 1, async () => did('seldom')),
  ])
  t.strictSame(await after(0), ['often', 'worked'])
  t.strictSame(await after(0), [])
  t.strictSame(await after(1), ['seldom', 'worked'])
  t.strictSame(await after(1), ['often', 'worked'])
  t.strictSame(await after(58), ['often', 'worked'], 'what was missed is not made up for')
  t.strictSame(await after(1), ['seldom', 'worked'])
})

t.test('one that fails does not keep the others, and stays told of until it works', async (t) => {
  let isBroken = true
  const { after } = watched((did) => [
    round(60, 0, async () => {
      if (isBroken) throw new Error('it is broken')
      did('mended')
    }),
    round(1, 0, async () => did('other')),
  ])
  t.strictSame(await after(0), ['failed: it is broken', 'other'], 'and nobody says that all is well')
  t.strictSame(await after(1), ['other'])
  t.strictSame(await after(RETRY_MS / MINUTE - 1), ['failed: it is broken', 'other'])
  isBroken = false
  t.strictSame(await after(RETRY_MS / MINUTE), ['mended', 'worked', 'other', 'worked'])
})

t.test('who looks twice at once has it done once', async (t) => {
  const { rounds, after } = watched((did) => [round(1, 0, async () => did('once'))])
  await Promise.all([rounds.look(), rounds.look(), rounds.look()])
  t.strictSame(await after(0), ['once', 'worked'])
})

t.test('it is stopped in the middle, waits for that, and begins no more', async (t) => {
  let left = false
  const { rounds, after } = watched((did) => [
    round(1, 0, async (signal) => {
      did('begun')
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      await new Promise(setImmediate)
      left = true
      throw new Error('nobody waits any more')
    }),
    round(1, 0, async () => did('never')),
  ])
  const looking = rounds.look()
  await rounds.stop()
  t.ok(left, 'what was under way has ended')
  await looking
  t.strictSame(await after(10), ['begun'], 'that it was stopped is no failure')
  rounds.start()
  t.strictSame(await after(10), [], 'it does not start again')
})

t.test('stopping what never started', async (t) => {
  const { rounds, after } = watched((did) => [round(1, 0, async () => did('never'))])
  await rounds.stop()
  t.strictSame(await after(1), [])
})
