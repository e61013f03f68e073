// Canonical URLs, and which of several versions one means (https://hl7.org/fhir/R4/references.html#canonical).

export interface Versioned {
  readonly version: string | undefined
  /** PublicationStatus. */
  readonly status: string
}

/** The URL, and what stands behind its last `|`. */
export function splitCanonical(canonical: string): {
  readonly url: string
  readonly version: string | undefined
} {
  const bar = canonical.lastIndexOf('|')
  return bar < 0
    ? { url: canonical, version: undefined }
    : { url: canonical.slice(0, bar), version: canonical.slice(bar + 1) }
}

const STATUSES = ['active', 'draft', 'unknown', 'retired']

/** The first: active before draft before what is no longer in use, and then the highest version. */
export function newestOf<Item extends Versioned>(items: readonly Item[]): Item | undefined {
  return items.toSorted(
    (a, b) =>
      STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status) ||
      compareVersions(b.version ?? '', a.version ?? ''),
  )[0]
}

/** Part by part: numbers as numbers, all else as text; `1.10` is above `1.9`, and a release above its preview. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/[.\-+]/)) as [string[], string[]]
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x, y] = [left[i], right[i]]
    if (x === undefined) return isNumber(y) ? -1 : 1
    if (y === undefined) return isNumber(x) ? 1 : -1
    const order = isNumber(x) && isNumber(y) ? Number(x) - Number(y) : x < y ? -1 : x > y ? 1 : 0
    if (order !== 0) return order
  }
  return 0
}

function isNumber(part: string | undefined): boolean {
  return part !== undefined && /^\d+$/.test(part)
}
