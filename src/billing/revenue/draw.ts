// Revenue as a picture. What draws is loaded with the first of them: a server that is asked for none never needs it.
import type { Revenue } from './revenue.ts'

/** SVG in UTF-8. */
export async function drawRevenue(revenue: Revenue): Promise<Buffer> {
  const { chartOf } = await import('./chart/chart.ts')
  return Buffer.from(chartOf(revenue))
}
