// Where things stand in a chart, in pixels of its own: one panel beneath the other, all of one width.

export const WIDTH = 900
export const MARGIN = 20
/** The plot of a panel; to its left the scale, to its right the names of zones. */
export const PLOT_LEFT = 64
export const PLOT_RIGHT = 712
export const PLOT_WIDTH = PLOT_RIGHT - PLOT_LEFT
/** Within the plot, so that no mark is cut off. */
export const INSET = 14
/** Right in the plot, kept free of values: the names of lines stand there. */
export const GUTTER = 104

export const TITLE_SIZE = 15
export const TEXT_SIZE = 12
export const SMALL_SIZE = 11
export const LINE_HEIGHT = 16
export const FONT = "'Liberation Sans', Arial, Helvetica, 'DejaVu Sans', sans-serif"

/** SVG of a part of the chart, drawn from its own top down. */
export interface Drawn {
  readonly svg: string
  readonly height: number
}
