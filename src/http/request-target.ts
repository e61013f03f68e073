// A request line may carry a whole URL, as it does to proxies (https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2).
import type { IncomingMessage } from 'node:http'

const ABSOLUTE = /^https?:\/\/([^/?#]*)([^#]*)/i

/** The path and query of the target; the host of a whole URL takes the place of the Host header. */
export function toOriginForm({ url = '/', headers }: IncomingMessage): string {
  const [, host, rest = ''] = ABSOLUTE.exec(url) ?? []
  // Of the server as a whole; no page of it is so called.
  if (url === '*') return '/*'
  if (host === undefined) return url
  headers.host = host
  return rest.startsWith('/') ? rest : `/${rest}`
}
