// The practice's calendar: days counted from today, in the clinics' time zone (Arizona, UTC-07:00 all year).

const DAY_MS = 86_400_000
const OFFSET_MS = -7 * 3_600_000

export interface Calendar {
  /** A date, `days` from today; negative for the past. */
  day(days: number): string
  /** A dateTime with seconds and zone; `clock` is `09:30`. */
  time(days: number, clock: string): string
  /** The nearest day not after it on which the clinics are open. */
  open(days: number): number
  /** The birth date of someone who had a birthday `age` years and some days ago. */
  birth(age: number, daysSinceBirthday: number): string
}

/** `today`: milliseconds since 1970. */
export function calendarOf(today: number): Calendar {
  const at = (days: number) => new Date(Math.floor((today + OFFSET_MS) / DAY_MS) * DAY_MS + days * DAY_MS)
  const day = (days: number) => at(days).toISOString().slice(0, 10)
  return {
    day,
    time: (days, clock) => `${day(days)}T${clock}:00-07:00`,
    open(days) {
      const weekday = at(days).getUTCDay()
      return weekday === 6 ? days - 1 : weekday === 0 ? days - 2 : days
    },
    birth(age, daysSinceBirthday) {
      const birthday = at(-daysSinceBirthday)
      // 29 February becomes 28 in a year without it.
      const day = Math.min(birthday.getUTCDate(), 28)
      return new Date(Date.UTC(birthday.getUTCFullYear() - age, birthday.getUTCMonth(), day))
        .toISOString()
        .slice(0, 10)
    },
  }
}

/** `09:30` and 50 minutes is `10:20`. */
export function later(clock: string, minutes: number): string {
  const [hour = 0, minute = 0] = clock.split(':').map(Number)
  const total = hour * 60 + minute + minutes
  return `${String(Math.floor(total / 60)).padStart(2, '0')}:${String(total % 60).padStart(2, '0')}`
}
