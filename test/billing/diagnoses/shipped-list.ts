// The list that ships, read a second time and naively: lines split, and billable is what no other code begins with.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync } from 'node:zlib'
import { Icd10Cm } from '../../../src/billing/index.ts'

export const folder = fileURLToPath(new URL('../../../profiles/billing/icd-10-cm/', import.meta.url))

export const shipped = new Icd10Cm(folder)

/** The one file that ships. */
export const file = readdirSync(folder).filter((name) => name.endsWith('.br'))
export const packed = readFileSync(new URL(file[0] ?? '', `file://${folder}`))

const lines = brotliDecompressSync(packed).toString('ascii').trimEnd().split('\n')

export interface NaiveEdition {
  readonly first: string
  readonly last: string
  readonly codes: ReadonlySet<string>
  /** Whatever another code of the edition begins with. */
  readonly beginnings: ReadonlySet<string>
}

const rows = lines.filter((line) => !line.startsWith('#')).map((line) => line.split('\t'))

export const texts: ReadonlyMap<string, string> = new Map(
  rows.map(([code = '', , text = '']) => [code, text]),
)

/** The marks for category and billable of each code, as they are written. */
export const marks: ReadonlyMap<string, string> = new Map(rows.map(([code = '', mark = '']) => [code, mark]))

export const editions: readonly NaiveEdition[] = lines
  .filter((line) => line.startsWith('# edition '))
  .map((line, index) => {
    const [, , first = '', last = ''] = line.split(' ')
    const codes = new Set<string>()
    const beginnings = new Set<string>()
    for (const [code = '', mark = ''] of rows) {
      if (mark[index] === '-') continue
      codes.add(code)
      for (let length = 3; length < code.length; length++) beginnings.add(code.slice(0, length))
    }
    return { first, last, codes, beginnings }
  })

export const isLeaf = ({ codes, beginnings }: NaiveEdition, code: string): boolean =>
  codes.has(code) && !beginnings.has(code)

export const dotted = (code: string): string => (code.length === 3 ? code : code.replace(/^.../, '$&.'))
