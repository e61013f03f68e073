// Request ids: the client's own when it is a sane one, so that its log and ours can be laid side by side.

const SANE = /^[\w.:-]{1,128}$/

/** `prefix` tells processes apart; the count tells requests apart. */
export function requestIds(prefix: string): (sent: string | readonly string[] | undefined) => string {
  let count = 0
  return (sent) => {
    if (typeof sent === 'string' && SANE.test(sent)) return sent
    count++
    return `${prefix}-${count.toString(36)}`
  }
}
