// A body is final before its write turn, but for two holes: the version and the time that only the turn knows.

export interface BodyTemplate {
  /** UTF-8 JSON without the text of `meta.versionId` and `meta.lastUpdated` (the quotes are there). */
  readonly bytes: Uint8Array
  /** Offset in `bytes` where the version's digits go. */
  readonly versionAt: number
  /** Offset in `bytes` where the time goes; behind `versionAt`. */
  readonly lastUpdatedAt: number
}

/** The stored bytes for this version: `lastUpdated` is milliseconds since 1970, written as an instant in UTC. */
export function stampBody(template: BodyTemplate, versionId: number, lastUpdated: number): Buffer {
  const { bytes, versionAt, lastUpdatedAt } = template
  const version = String(versionId)
  const instant = new Date(lastUpdated).toISOString()
  const body = Buffer.allocUnsafe(bytes.length + version.length + instant.length)
  body.set(bytes.subarray(0, versionAt), 0)
  let at = versionAt + body.write(version, versionAt, 'latin1')
  body.set(bytes.subarray(versionAt, lastUpdatedAt), at)
  at += lastUpdatedAt - versionAt
  at += body.write(instant, at, 'latin1')
  body.set(bytes.subarray(lastUpdatedAt), at)
  return body
}
