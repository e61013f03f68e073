// What the bench uses of autocannon (https://github.com/mcollina/autocannon#api), which ships no types.
declare module 'autocannon' {
  export interface Request {
    readonly method: string
    readonly path: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
    /** Called before each sending. */
    readonly setupRequest?: (request: Request) => Request
  }

  export interface Client {
    setRequests(requests: Request[]): void
  }

  export interface Result {
    readonly errors: number
    /** Seconds. */
    readonly duration: number
    readonly statusCodeStats: Readonly<Record<string, { readonly count: number }>>
    /** Milliseconds. */
    readonly latency: { readonly p50: number; readonly p97_5: number; readonly p99: number }
  }

  export default function autocannon(options: {
    readonly url: string
    readonly connections: number
    /** Seconds. */
    readonly duration: number
    /** Milliseconds; a run ends with a sample. */
    readonly sampleInt: number
    readonly setupClient: (client: Client) => void
  }): PromiseLike<Result>
}
