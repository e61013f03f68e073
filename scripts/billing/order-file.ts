// Reads CMS's order file of ICD-10-CM: fixed columns, a line for each category and each billable code.

export interface OrderedCode {
  readonly isBillable: boolean
  /** The long description. */
  readonly text: string
}

/** Order number, code, 0 for a category or 1 for what may be billed, short and long description. */
const LINE = /^\d{5} ([A-Z][0-9A-Z]{2,6}) {1,5}([01]) .{60} (.+)$/

/**
 * By code, without dots.
 * @param text of `icd10cm_order_YYYY.txt`, with line ends of either kind
 * @throws Error that names the line, where one is otherwise; and where the marks contradict the order of the codes
 */
export function readOrderFile(text: string): ReadonlyMap<string, OrderedCode> {
  const codes = new Map<string, OrderedCode>()
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const [, code, mark, description] = LINE.exec(line) ?? []
    if (code === undefined || description === undefined)
      throw new Error(`line ${index + 1} is not of an order file: ${line.slice(0, 80)}`)
    if (codes.has(code)) throw new Error(`line ${index + 1} has ${code} a second time`)
    codes.set(code, { isBillable: mark === '1', text: inAscii(description.trim()) })
  }
  if (codes.size === 0) throw new Error('there is no code in it')
  holdToTheTree(codes)
  return codes
}

/** Billable are those codes that have none under them. */
function holdToTheTree(codes: ReadonlyMap<string, OrderedCode>): void {
  const order = [...codes.keys()].toSorted()
  for (const [index, code] of order.entries()) {
    const hasCodesUnderIt = order[index + 1]?.startsWith(code) === true
    if (codes.get(code)?.isBillable === hasCodesUnderIt)
      throw new Error(
        `${code} is marked ${hasCodesUnderIt ? 'billable, and has codes under it' : 'a category, and has no code under it'}`,
      )
  }
}

/** CMS writes its descriptions without accents; a file that has them is brought to the same. */
function inAscii(text: string): string {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '')
  if (/[^ -~]/.test(plain)) throw new Error(`a description has a character beyond ASCII: ${text}`)
  return plain
}
