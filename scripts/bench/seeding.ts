// Puts records into a store through the server, as any client would.
import { newScores, practice } from './practice.ts'
import { startServer } from './processes.ts'
import { FHIR_JSON } from './workload.ts'

/** Of those that are created under load, so that the store has met their like. */
export const SCORES_CREATED = 160

/** @param bundles the practice, where nothing else is said; each is a transaction */
export async function fill(main: string, database: string, bundles = wholePractice()): Promise<void> {
  const server = await startServer(main, database)
  try {
    for (const body of bundles) {
      const response = await fetch(`${server.url}/fhir`, { method: 'POST', headers: FHIR_JSON, body })
      const text = await response.text()
      if (!response.ok) throw new Error(`the records were refused: ${response.status} ${text.slice(0, 500)}`)
    }
  } finally {
    await server.stop()
  }
}

function* wholePractice(): Generator<string> {
  yield* practice()
  yield* newScores(SCORES_CREATED)
}
