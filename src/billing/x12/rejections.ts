// AAA segments: why a payer does not answer an inquiry or a request, and what it asks for instead.
import type { SetReader } from './loops.ts'

export interface Rejection {
  /** The number of the segment in the file. */
  readonly position: number
  /** The guide's name of the loop that it is said in, such as `2100C`. */
  readonly loop: string
  /** AAA03. */
  readonly code: string
  /** AAA04: `C` correct and send again, `N` do not, and others. */
  readonly followUp?: string
}

/** All that stand here. */
export function readRejections(reader: SetReader, loop: string): readonly Rejection[] {
  return reader.takeAll('AAA').map((segment) => {
    segment.oneOf(1, ['N', 'Y'])
    return {
      position: segment.position,
      loop,
      code: segment.need(3),
      ...(segment.at(4) === '' ? {} : { followUp: segment.at(4) }),
    }
  })
}
