// A position within a distance of another (https://hl7.org/fhir/R4/location.html#positional).

export interface NearMatch {
  readonly kind: 'near'
  readonly param: string
  /** Degrees, WGS84. */
  readonly latitude: number
  readonly longitude: number
  readonly kilometers: number
}

export function nearMatch(
  param: string,
  place: { readonly latitude: number; readonly longitude: number },
  kilometers: number,
): NearMatch {
  return Object.freeze({ kind: 'near', param, ...place, kilometers })
}

const EARTH_RADIUS_KM = 6371.0088

/** Great-circle distance on a sphere of the Earth's mean radius, by the haversine formula; every store measures so. */
export function kilometersBetween(fromLat: number, fromLon: number, toLat: number, toLon: number): number {
  const radians = Math.PI / 180
  const lat = Math.sin(((toLat - fromLat) * radians) / 2) ** 2
  const lon = Math.sin(((toLon - fromLon) * radians) / 2) ** 2
  const chord = lat + Math.cos(fromLat * radians) * Math.cos(toLat * radians) * lon
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(chord)))
}
