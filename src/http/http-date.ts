// Times as HTTP writes them: `Sun, 06 Nov 1994 08:49:37 GMT` (https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7).

const DAY_MS = 86_400_000
/** Days are few, and most of what is asked for is recent; beyond this many they are forgotten. */
const MOST_DAYS = 1000

/** The text of a time in milliseconds since 1970, its fraction of a second cut off; what days look like is remembered. */
export function createHttpDate(): (milliseconds: number) => string {
  const days = new Map<number, string>()
  return (milliseconds) => {
    const day = Math.floor(milliseconds / DAY_MS)
    const second = Math.floor((milliseconds - day * DAY_MS) / 1000)
    let text = days.get(day)
    if (text === undefined) {
      if (days.size >= MOST_DAYS) days.clear()
      text = new Date(day * DAY_MS).toUTCString().slice(0, -'00:00:00 GMT'.length)
      days.set(day, text)
    }
    return `${text}${twoDigits(Math.floor(second / 3600))}:${twoDigits(Math.floor(second / 60) % 60)}:${twoDigits(second % 60)} GMT`
  }
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}
