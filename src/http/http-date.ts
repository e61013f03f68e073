// Times as HTTP writes them: `Sun, 06 Nov 1994 08:49:37 GMT` (https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7).

const DAY_MS = 86_400_000
/** Days and seconds are few, and most of what is asked for is asked for again; beyond this many they are forgotten. */
const MOST_REMEMBERED = 5000

/** The text of a time in milliseconds since 1970, its fraction of a second cut off. */
export function createHttpDate(): (milliseconds: number) => string {
  const days = new Map<number, string>()
  const seconds = new Map<number, string>()
  const textOf = (second: number): string => {
    const day = Math.floor((second * 1000) / DAY_MS)
    const time = second - (day * DAY_MS) / 1000
    let text = days.get(day)
    if (text === undefined) {
      if (days.size >= MOST_REMEMBERED) days.clear()
      text = new Date(day * DAY_MS).toUTCString().slice(0, -'00:00:00 GMT'.length)
      days.set(day, text)
    }
    return `${text}${twoDigits(Math.floor(time / 3600))}:${twoDigits(Math.floor(time / 60) % 60)}:${twoDigits(time % 60)} GMT`
  }
  return (milliseconds) => {
    const second = Math.floor(milliseconds / 1000)
    const known = seconds.get(second)
    if (known !== undefined) return known
    const text = textOf(second)
    if (seconds.size >= MOST_REMEMBERED) seconds.clear()
    seconds.set(second, text)
    return text
  }
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}
