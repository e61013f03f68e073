// Kills the server under its writers again and again, on one database, and holds it each time to what it acknowledged.
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { verifySqlite } from '../../../src/store/sqlite/index.ts'
import { runAlcove, serve, type Environment } from '../server-process.ts'
import { checkRound } from './kill-check.ts'
import { emptyLedger } from './kill-ledger.ts'
import { writeUntilKilled } from './kill-writers.ts'
import type { FaultyDisk } from './faulty-disk.ts'
import { seeded, type Random } from './seeded.ts'

export interface KillRounds {
  /** The database: what earlier rounds left in it stays. */
  readonly file: string
  /** A file of 32 bytes, when the database is encrypted. */
  readonly keyFile?: string | undefined
  /** The number of the first round: sets its records apart from those that are there already. */
  readonly first: number
  readonly rounds: number
  readonly writers: number
  readonly random: Random
  /** How long writers write before the end, in milliseconds: at least, and at most. */
  readonly killAfterMs: readonly [number, number]
  /**
   * In place of the kill, the power fails while this disk works: of what no sync had made durable, each write may be
   * lost.
   */
  readonly power?: FaultyDisk | undefined
  /** The file is looked through after every so many rounds, beside the running server. */
  readonly verifyEvery: number
  /** Told of each round; false ends the rounds. */
  readonly told: (result: RoundResult) => unknown
}

export interface RoundResult {
  readonly round: number
  readonly killedAfterMs: number
  readonly acknowledged: number
  /** Writes that the kill left without an answer. */
  readonly unanswered: number
  /** What the server did not keep; empty when all is well. */
  readonly broken: readonly string[]
}

/** By which files are changed, until the power fails: some transactions' worth. */
const MOST_CALLS = 200

type Teardown = Parameters<typeof serve>[0]

/**
 * Each round needs one start: the server that is held to what the last one acknowledged is the next to be killed.
 * What `alcove verify` says at the end, empty when all is well.
 */
export async function killRounds(t: Teardown, options: KillRounds): Promise<readonly string[]> {
  const { file, keyFile, first, rounds, writers, random, killAfterMs, verifyEvery, power } = options
  const key = keyFile === undefined ? undefined : readFileSync(keyFile)
  const env: Environment = {
    ALCOVE_DATABASE: `sqlite:${file}`,
    ALCOVE_LOG_LEVEL: 'warn',
    ...(keyFile === undefined ? {} : { ALCOVE_ENCRYPTION_KEY_FILE: keyFile }),
    ...power?.env,
  }
  let server = await serve(t, env)
  for (let round = first; round < first + rounds; round++) {
    const ledger = emptyLedger()
    power?.set({ power: 1, seed: Math.floor(random() * 2 ** 31) })
    const working = Array.from({ length: writers }, (_, writer) =>
      writeUntilKilled({
        client: server.client,
        round,
        writer,
        random: seeded(Math.floor(random() * 2 ** 32)),
        ledger,
      }),
    )
    const [least, most] = killAfterMs
    const killedAfterMs = Math.round(least + random() * (most - least))
    await wait(killedAfterMs)
    if (power === undefined) server.kill('SIGKILL')
    else power.set({ countdown: 1 + Math.floor(random() * MOST_CALLS) })
    await Promise.all(working)
    await server.ended
    power?.set({ power: 0, countdown: 0 })

    server = await serve(t, env)
    const broken = [...(await checkRound(server.client, round, ledger))]
    if ((round - first) % verifyEvery === verifyEvery - 1) broken.push(...(await verifySqlite({ file, key })))
    const { acknowledged, unanswered } = ledger
    if (options.told({ round, killedAfterMs, acknowledged, unanswered, broken }) === false) break
  }
  await server.stop()
  const { status, stdout, stderr } = await runAlcove(['verify'], env)
  return status === 0 ? [] : [`alcove verify ended with ${status}:`, ...`${stdout}${stderr}`.split('\n')]
}
