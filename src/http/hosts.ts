// Which Host headers are answered. Without authorization the server trusts whoever can reach it, and a web page can
// make a browser reach it: by a name of its own that it points at this machine (DNS rebinding). Such a name is refused.

const MOST_REMEMBERED = 100

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
