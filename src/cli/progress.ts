// How far a long command has come: one line that redraws itself on a terminal, a plain line every few seconds elsewhere.
import type { Output } from './command.ts'

export interface ProgressState {
  /** Work done and to do, in any one unit; `total` 0 when unknown. */
  readonly done: number
  readonly total: number
  /** What is counted for the reader. */
  readonly count: number
  /** `resources`. */
  readonly noun: string
  readonly refused: number
  readonly elapsedMs: number
}

const BAR_WIDTH = 24

/** `1,234 resources, 56/s, 3:07 left, 2 refused` with a bar in front when `columns` leaves room for one. */
export function progressLine(state: ProgressState, columns = 0): string {
  const { done, total, count, noun, refused, elapsedMs } = state
  const share = total > 0 ? Math.min(1, done / total) : undefined
  const rate = elapsedMs > 0 ? (count * 1000) / elapsedMs : 0
  const left =
    share !== undefined && share > 0 && elapsedMs > 0 ? (elapsedMs * (1 - share)) / share : undefined
  const text = [
    ...(share === undefined ? [] : [`${Math.floor(share * 100)}%`]),
    `${grouped(count)} ${noun}`,
    `${rate < 10 ? rate.toFixed(1) : grouped(Math.round(rate))}/s`,
    ...(left === undefined ? [] : [`${duration(left)} left`]),
    ...(refused === 0 ? [] : [`${grouped(refused)} refused`]),
  ].join(', ')
  if (share === undefined || columns < text.length + BAR_WIDTH + 4)
    return columns > 0 ? text.slice(0, columns - 1) : text
  const filled = Math.floor(share * BAR_WIDTH)
  return `[${'#'.repeat(filled)}${'-'.repeat(BAR_WIDTH - filled)}] ${text}`
}

/** `0:07`, `12:05`, `3:00:00`. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

/** `1234567` as `1,234,567`. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}

export interface Progress {
  /** Draws when it is time to. */
  report(state: Omit<ProgressState, 'elapsedMs'>): void
  /** Takes the drawn line away, so that other lines may be written. */
  clear(): void
}

const REDRAW_MS = 100
const PLAIN_LINE_MS = 5000

/** Progress on `output`; none when `quiet`. */
export function progressOn(output: Output, now: () => number, quiet = false): Progress {
  const started = now()
  let last = started
  let drawn = false
  return {
    report(state) {
      const time = now()
      if (quiet || time - last < (output.isTTY ? REDRAW_MS : PLAIN_LINE_MS)) return
      last = time
      const line = progressLine(
        { ...state, elapsedMs: time - started },
        output.isTTY ? (output.columns ?? 80) : 0,
      )
      output.write(output.isTTY ? `\r\u001b[2K${line}` : `${line}\n`)
      drawn = output.isTTY === true
    },
    clear() {
      if (drawn) output.write('\r\u001b[2K')
      drawn = false
    },
  }
}
