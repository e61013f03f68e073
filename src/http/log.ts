// The log on standard error: lines of JSON, gathered so that the system is called once for many, not once for each.
import { pino, type DestinationStream, type Logger } from 'pino'

/** Characters, beyond which lines wait no longer. */
const MOST_GATHERED = 16 * 1024
/** How long a line waits at most. */
const LONGEST_WAIT_MS = 50

/** @param level as ALCOVE_LOG_LEVEL says */
export function createLogger(level: string): Logger {
  return pino({ level, base: null }, gathered(pino.destination({ fd: 2, sync: false })))
}

/** When the process ends, what waits is written, however it ends; only what kills it at once is faster. */
function gathered(destination: ReturnType<typeof pino.destination>): DestinationStream {
  let lines = ''
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (lines !== '') destination.write(lines)
    lines = ''
  }
  process.on('exit', () => {
    flush()
    destination.flushSync()
  })
  return {
    write(line) {
      lines += line
      if (lines.length >= MOST_GATHERED) flush()
      // It keeps the process, so that nothing ends before its lines are written.
      else timer ??= setTimeout(flush, LONGEST_WAIT_MS)
    },
  }
}
