// Labels one above the other, moved as little as keeps them from touching.

/**
 * @param wanted where each would stand best
 * @returns in the same order, at least `distance` apart, within [top, bottom] as far as there is room
 */
export function movedApart(
  wanted: readonly number[],
  distance: number,
  top: number,
  bottom: number,
): readonly number[] {
  const order = wanted
    .map((_, index) => index)
    .toSorted((a, b) => (wanted[a] as number) - (wanted[b] as number))
  const placed = [...wanted]
  let least = top
  for (const index of order) {
    placed[index] = Math.max(placed[index] as number, least)
    least = (placed[index] as number) + distance
  }
  let most = bottom
  for (const index of order.toReversed()) {
    placed[index] = Math.min(placed[index] as number, most)
    most = (placed[index] as number) - distance
  }
  return placed
}
