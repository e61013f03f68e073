// Cross-origin requests of browser apps (https://fetch.spec.whatwg.org/#http-cors-protocol).

const EXPOSED = 'ETag, Location, Content-Location, Last-Modified, X-Request-Id, Retry-After'
const ALLOWED_HEADERS =
  'Authorization, Content-Type, Content-Encoding, Accept, If-Match, If-None-Match, If-None-Exist, If-Modified-Since, Prefer, X-Request-Id'
const MAX_AGE_SECONDS = '600'

export interface Cors {
  /** Headers of any answer to a request from this origin, as name, value, name, value. */
  headers(origin: string | undefined): readonly string[]
  /** Those of the answer to a preflight. */
  preflight(origin: string | undefined, methods: readonly string[]): readonly string[]
}

const NONE: readonly string[] = Object.freeze([])

export function createCors(origins: readonly string[] | '*'): Cors {
  const headers = (origin: string | undefined): readonly string[] => {
    if (origin === undefined) return NONE
    if (origins === '*') return ['Access-Control-Allow-Origin', '*', 'Access-Control-Expose-Headers', EXPOSED]
    if (!origins.includes(origin)) return NONE
    return ['Access-Control-Allow-Origin', origin, 'Access-Control-Expose-Headers', EXPOSED]
  }
  return {
    headers,
    preflight(origin, methods) {
      const allowed = headers(origin)
      if (allowed.length === 0) return NONE
      return [
        ...allowed,
        'Access-Control-Allow-Methods',
        methods.join(', '),
        'Access-Control-Allow-Headers',
        ALLOWED_HEADERS,
        'Access-Control-Max-Age',
        MAX_AGE_SECONDS,
      ]
    },
  }
}
