// A picture in SVG as tests look at it: each element where it stands, and what is painted beneath it.
import { SaxesParser } from 'saxes'

export interface Drawn {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly text: string
  /** How far its group is moved down. */
  readonly down: number
}

/** In document order. @throws Error for what is no well-formed XML */
export function drawnIn(svg: string): readonly Drawn[] {
  const all: Drawn[] = []
  const open: { name: string; attributes: Record<string, string>; text: string; down: number }[] = []
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const moved = /^translate\(0 (\d+(?:\.\d+)?)\)$/.exec(attributes.transform ?? '')?.[1]
    const down = (open.at(-1)?.down ?? 0) + (name === 'g' ? Number(moved ?? 0) : 0)
    const one = { name, attributes: { ...attributes } as Record<string, string>, text: '', down }
    open.push(one)
    all.push(one)
  })
  parser.on('text', (text) => {
    const at = open.at(-1)
    if (at !== undefined) at.text += text
  })
  parser.on('closetag', () => void open.pop())
  parser.write(svg).close()
  return all
}

/** The fill of the rectangle that is painted last at this place. */
export function paintedAt(all: readonly Drawn[], before: number, x: number, y: number): string {
  const beneath = all
    .slice(0, before)
    .filter(({ name, attributes }) => name === 'rect' && attributes.fill !== 'none')
    .findLast(({ attributes, down }) => {
      const [left, top] = [Number(attributes.x ?? 0), Number(attributes.y ?? 0) + down]
      return (
        x >= left && x <= left + Number(attributes.width) && y >= top && y <= top + Number(attributes.height)
      )
    })
  if (beneath === undefined) throw new Error(`nothing is painted at ${x} ${y}`)
  return beneath.attributes.fill as string
}

/** WCAG 2.2's contrast ratio of two colours, `#rrggbb`. */
export function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

/** WCAG 2.2's relative luminance: also how light it is in grey. */
export function luminance(colour: string): number {
  if (!/^#[0-9a-f]{6}$/.test(colour)) throw new Error(`${colour} is no colour`)
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
