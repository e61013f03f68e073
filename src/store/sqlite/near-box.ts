// The square of latitudes and longitudes that holds every place within a distance (../query/near.ts).
import { allOf, raw, sql, TRUE, type Fragment } from './sql.ts'
import type { NearMatch } from '../query/near.ts'

/** Less than the Earth has, so that a box is never too small. */
const KILOMETERS_A_DEGREE = 111
/** What rounding may take away. */
const MARGIN = 1e-6

function reachOf(kilometers: number): number {
  return kilometers / KILOMETERS_A_DEGREE + MARGIN
}

/** On the columns `lat` and `lon` of the alias: the box, then the distance itself. */
export function isNear(match: NearMatch, alias: string): Fragment {
  const { latitude, longitude, kilometers } = match
  const [lat, lon] = [raw(`${alias}.lat`), raw(`${alias}.lon`)]
  return allOf([
    latitudes(match, lat),
    longitudes(match, lon),
    sql`kilometers(${latitude}, ${longitude}, ${lat}, ${lon}) <= ${kilometers}`,
  ])
}

function latitudes({ latitude, kilometers }: NearMatch, lat: Fragment): Fragment {
  const degrees = reachOf(kilometers)
  return sql`${lat} >= ${latitude - degrees} AND ${lat} <= ${latitude + degrees}`
}

/** Any, when a pole is within reach; two ranges, when the line where the days meet is. */
function longitudes({ latitude, longitude, kilometers }: NearMatch, lon: Fragment): Fragment {
  const degrees = reachOf(kilometers)
  if (Math.abs(latitude) + degrees >= 90) return TRUE
  const radians = Math.PI / 180
  const reach = Math.asin(Math.min(1, Math.sin(degrees * radians) / Math.cos(latitude * radians))) / radians
  const [west, east] = [longitude - reach, longitude + reach]
  if (west < -180) return sql`(${lon} >= ${west + 360} OR ${lon} <= ${east})`
  if (east > 180) return sql`(${lon} >= ${west} OR ${lon} <= ${east - 360})`
  return sql`${lon} >= ${west} AND ${lon} <= ${east}`
}
