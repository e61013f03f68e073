// The page at `/`: what this is, and what to try first. It needs nothing from elsewhere.

export const LANDING_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

/** `baseUrl` is the FHIR base; `documents` the paths of what else there is to read. */
export function landingPage(baseUrl: string, version: string, documents: readonly string[]): Buffer {
  const base = escape(baseUrl)
  const lines = [
    `curl '${base}/metadata?_summary=true&_pretty=true'`,
    `curl '${base}/Patient?_count=5&_pretty=true'`,
    `curl -H 'Content-Type: application/fhir+json' -d '{"resourceType":"Patient","name":[{"family":"Test"}]}' ${base}/Patient`,
  ]
  return Buffer.from(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Alcove</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }
  pre { background: #8881; padding: .75rem 1rem; border-radius: .3rem; white-space: pre-wrap; overflow-wrap: anywhere; }
  :root { color-scheme: light dark; }
</style>
<h1>Alcove</h1>
<p>A FHIR R4 clinical data server for behavioral health, version ${escape(version)}.
The FHIR base is <code>${base}</code>; what it can do stands in its
<a href="${base}/metadata?_pretty=true">CapabilityStatement</a>.</p>
<p>Try:</p>
<pre>${lines.map(escapeText).join('\n')}</pre>
<p>${['/healthz', '/readyz', '/metrics', ...documents].map((path) => `<a href="${escape(path)}">${escape(path)}</a>`).join(' · ')}</p>
</html>
`)
}

function escape(text: string): string {
  return escapeText(text).replaceAll('"', '&quot;')
}

function escapeText(text: string): string {
  return text
    .replaceAll(/&(?!amp;|lt;|gt;|quot;)/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}
