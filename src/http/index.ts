// The face of the HTTP server.
export { buildHttp } from './build.ts'
export { describeFailure } from './failures.ts'
export { createLogger } from './log.ts'
export {
  DEFAULT_LIMITS,
  type Caller,
  type HttpDocument,
  type HttpLimits,
  type HttpOptions,
} from './options.ts'
export type { Gauge } from './metrics.ts'
export { Disk } from './disk.ts'
export { Health, type JobKind } from './health.ts'
