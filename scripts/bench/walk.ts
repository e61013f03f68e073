// A walk through all pages of a search.

interface Page {
  readonly link: readonly { readonly relation: string; readonly url: string }[]
  readonly entry?: readonly { readonly fullUrl: string }[]
}

/** The last walk of each server: pages may be asked for again as long as not much has changed. */
const walks = new Map<string, { readonly round: number; readonly paths: readonly string[] }>()

/**
 * The paths of the pages of `query`, in order. Walks once a round.
 * @throws Error when not every one of `matches` came, and once
 */
export async function pagesOf(
  url: string,
  round: number,
  query: string,
  matches: number,
): Promise<readonly string[]> {
  const known = walks.get(url)
  if (known?.round === round) return known.paths
  const paths: string[] = []
  const found = new Set<string>()
  let entries = 0
  for (let path: string | undefined = `/fhir/${query}`; path !== undefined; ) {
    const response = await fetch(url + path)
    const text = await response.text()
    if (!response.ok) throw new Error(`page ${paths.length + 1}: ${response.status} ${text.slice(0, 500)}`)
    const { entry = [], link } = JSON.parse(text) as Page
    for (const { fullUrl } of entry) found.add(fullUrl)
    entries += entry.length
    paths.push(path)
    const next = link.find(({ relation }) => relation === 'next')?.url
    path = next?.slice(new URL(next).origin.length)
  }
  if (found.size !== matches || entries !== matches)
    throw new Error(
      `the walk found ${found.size} different ones in ${entries} entries, of ${matches} there are`,
    )
  walks.set(url, { round, paths })
  return paths
}
