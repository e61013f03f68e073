// Whether what a workload asks for is answered as it must be, looked at before anything is measured: a wrong answer
// may be a quick one.
import type { Request } from './load-client.ts'
import type { Workload } from './workload.ts'

/** A version of a resource, by its place. */
export interface VersionKey {
  readonly type: string
  readonly id: string
  readonly version: string
}

/** An answer that is as it should be. */
export interface Answer {
  readonly bytes: number
  /** What it holds. */
  readonly holds: readonly VersionKey[]
}

interface Resource {
  readonly resourceType: string
  readonly id: string
  readonly meta: { readonly versionId: string }
  readonly type?: string
  readonly total?: number
  readonly entry?: readonly { readonly resource: Resource; readonly search?: { readonly mode: string } }[]
}

/** Every so many connections' first request is looked at. */
const CONNECTIONS_APART = 9

/** Asks for some of it. @throws Error with what is wrong */
export async function checkedAnswers(
  url: string,
  workload: Workload,
  round: number,
): Promise<readonly Answer[]> {
  const plan = await workload.plan(url, round)
  const answers: Answer[] = []
  for (let connection = 0; connection < workload.connections; connection += CONNECTIONS_APART)
    for (const sending of plan(connection)) {
      answers.push(await answerOf(url, typeof sending === 'function' ? sending() : sending, workload))
      if (workload.expected === undefined) return answers
    }
  return answers
}

async function answerOf(
  url: string,
  { method, path, headers = {}, body: sent }: Request,
  { name, status, expected }: Workload,
): Promise<Answer> {
  const response = await fetch(url + path, { method, headers, body: sent ?? null })
  const body = Buffer.from(await response.arrayBuffer())
  if (response.status !== status)
    throw new Error(`${name}: ${response.status} at ${path}: ${body.toString().slice(0, 500)}`)
  // Of a write the status says all, which is looked at under load too.
  if (expected === undefined) return { bytes: body.length, holds: [] }
  const resource = JSON.parse(body.toString()) as Resource
  const entries = resource.resourceType === 'Bundle' ? (resource.entry ?? []) : [{ resource }]
  const included = entries.filter((entry) => entry.search?.mode === 'include').length
  const got = { matches: entries.length - included, included, total: resource.total }
  const wrong =
    got.matches !== expected.matches ||
    included !== (expected.included ?? 0) ||
    (expected.total !== undefined && got.total !== expected.total)
  if (wrong)
    throw new Error(`${name}: ${path} should answer ${JSON.stringify(expected)}, but ${JSON.stringify(got)}`)
  return {
    bytes: body.length,
    holds: entries.map(({ resource: { resourceType: type, id, meta } }) => ({
      type,
      id,
      version: meta.versionId,
    })),
  }
}
