// Which line of a claim each line of an answer decides.
import type { JsonObject, Resource } from '../../fhir/index.ts'
import { codeIn, objectAt, objectsAt, textAt } from '../elements.ts'
import { moneyAt, type Money } from '../money.ts'
import { LINE_CONTROL_NUMBER, type PaidLine } from '../x12/index.ts'

export interface MatchedLines {
  /** The sequence of the claim's line for each line of the answer; undefined for one that the claim has not. */
  readonly sequences: readonly (number | undefined)[]
  /** Sequences of lines that the answer says nothing of. */
  readonly missing: readonly number[]
}

interface ClaimLine {
  readonly sequence: number
  readonly control: string | undefined
  readonly codes: readonly string[]
  readonly start: string | undefined
  readonly charge: Money | undefined
}

/** By the line's control number; else by code, day and charge, each of the claim's lines once and in order. */
export function matchLines(claim: Resource, paid: readonly PaidLine[]): MatchedLines {
  const lines = objectsAt(claim, 'item').map(lineOf)
  const used = new Set<number>()
  const sequences: (number | undefined)[] = paid.map((line) => {
    const found =
      line.controlNumber === undefined
        ? undefined
        : lines.find(({ control }) => control === line.controlNumber)?.sequence
    if (found !== undefined) used.add(found)
    return found
  })
  for (const [at, line] of paid.entries()) {
    if (sequences[at] !== undefined) continue
    const alike = lines.find((one) => !used.has(one.sequence) && isAlike(one, line))
    if (alike === undefined) continue
    used.add(alike.sequence)
    sequences[at] = alike.sequence
  }
  return { sequences, missing: lines.map(({ sequence }) => sequence).filter((one) => !used.has(one)) }
}

function lineOf(item: JsonObject): ClaimLine {
  const control = objectsAt(item, 'extension').find(({ url }) => url === LINE_CONTROL_NUMBER)
  const codes = [codeIn(objectAt(item, 'productOrService')), codeIn(objectAt(item, 'revenue'))]
  const net = objectAt(item, 'net')
  return {
    sequence: Number(item['sequence']),
    control: textAt(objectAt(control, 'valueIdentifier'), 'value'),
    codes: codes.filter((code) => code !== undefined),
    start: textAt(item, 'servicedDate') ?? textAt(objectAt(item, 'servicedPeriod'), 'start'),
    charge: typeof net?.['value'] === 'number' ? moneyAt(net, 'value', 'Claim.item.net') : undefined,
  }
}

/** DTM 472 is the day of a line, 150 the first of several. */
function isAlike(line: ClaimLine, paid: PaidLine): boolean {
  const day = paid.dates.find(({ qualifier }) => qualifier === '472' || qualifier === '150')?.date
  return (
    line.charge === paid.charged &&
    line.codes.includes(paid.chargedCode ?? paid.code) &&
    (day === undefined || day === line.start)
  )
}
