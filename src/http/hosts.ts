// Which Host headers are answered. Without authorization the server trusts whoever can reach it, and a web page can
// make a browser reach it: by a name of its own that it points at this machine (DNS rebinding). Such a name is refused.
import type { IncomingMessage } from 'node:http'

const MOST_REMEMBERED = 100

/**
 * What is wrong with how a request names its host, undefined for nothing: of several, others on the way may have taken
 * another (RFC 9112 section 3.2).
 */
export function hostFault({ rawHeaders, headers, httpVersion }: IncomingMessage): string | undefined {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string
    if (name.length === 4 && name.toLowerCase() === 'host') count++
  }
  if (count > 1) return 'A request names one host: this one has several Host headers.'
  if (headers.host === undefined && httpVersion !== '1.0') return 'A request of HTTP/1.1 needs a Host header.'
  return undefined
}

/** `allowed`: host names without port, in lower case; undefined for any. */
export function createHostCheck(
  allowed: readonly string[] | undefined,
): (host: string | undefined) => boolean {
  if (allowed === undefined) return () => true
  const names = new Set(allowed)
  // Clients send the same few again and again.
  const admitted = new Set<string>()
  return (host) => {
    if (host === undefined || admitted.has(host)) return true
    if (!names.has(nameOf(host))) return false
    if (admitted.size < MOST_REMEMBERED) admitted.add(host)
    return true
  }
}

/** `[::1]:8080` -> `::1`. */
function nameOf(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(host)
  return (bracketed?.[1] ?? host.replace(/:\d*$/, '')).toLowerCase()
}
