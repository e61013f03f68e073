// The log on standard error: lines of JSON, gathered so that the system is called once for many, not once for each.
import { pino, type DestinationStream, type Logger } from 'pino'

/** Bytes, beyond which lines wait no longer. */
const MOST_GATHERED = 16 * 1024
/** How long a line waits at most. */
const LONGEST_WAIT_MS = 50
/** Of a character, in bytes: what UTF-16 holds in one unit. */
const MOST_A_CHARACTER = 3

/** @param level as ALCOVE_LOG_LEVEL says */
export function createLogger(level: string): Logger {
  return pino(
    { level, base: null },
    gathered(pino.destination({ fd: 2, sync: false, contentMode: 'buffer' })),
  )
}

/**
 * Lines become bytes as they come: a text made of a thousand pieces costs more to put together than they do.
 * When the process ends, what waits is written, however it ends; only what kills it at once is faster.
 */
function gathered(destination: ReturnType<typeof pino.destination>): DestinationStream {
  const write = (bytes: Buffer): boolean => destination.write(bytes as unknown as string)
  let gathering = Buffer.allocUnsafeSlow(MOST_GATHERED)
  let length = 0
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (length === 0) return
    write(gathering.subarray(0, length))
    gathering = Buffer.allocUnsafeSlow(MOST_GATHERED)
    length = 0
  }
  process.on('exit', () => {
    flush()
    destination.flushSync()
  })
  return {
    write(line) {
      const most = line.length * MOST_A_CHARACTER
      if (length + most > MOST_GATHERED) flush()
      if (most > MOST_GATHERED) {
        write(Buffer.from(line))
        return
      }
      length += gathering.write(line, length)
      // It keeps the process, so that nothing ends before its lines are written.
      timer ??= setTimeout(flush, LONGEST_WAIT_MS)
    },
  }
}
