// Where things stand in a chart of revenue, in pixels of its own, and its colours.

export const WIDTH = 900
export const MARGIN = 20
export const ROOM = WIDTH - 2 * MARGIN
/** Bars; to their left what they are of, to their right their amounts. */
export const PLOT_LEFT = 210
export const PLOT_RIGHT = 552
/** Where the columns of amounts end. */
export const COLUMNS = [640, 720, 800, 880] as const

export const TITLE_SIZE = 15
export const TEXT_SIZE = 12
export const SMALL_SIZE = 11
export const LINE_HEIGHT = 16
export const FONT = "'Liberation Sans', Arial, Helvetica, 'DejaVu Sans', sans-serif"

export const PAPER = '#ffffff'
export const INK = '#1b1f27'
/** Of what is said beside. */
export const QUIET_INK = '#3f4754'
export const GRID = '#d4d7dc'
export const BORDER = '#4d5562'

/** SVG of a part of the chart, drawn from its own top down. */
export interface Drawn {
  readonly svg: string
  readonly height: number
}
