// Makes the list of ICD-10-CM codes that the server reads, from CMS's order files, or adds an edition to one.
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import { CodeList } from '../../src/billing/diagnoses/code-list.ts'
import { type EditionCodes, editionsOf, listText, withEdition } from './edition-merge.ts'
import { readOrderFile } from './order-file.ts'

const USAGE = `Usage: node scripts/billing/make-icd10cm.ts [--list OLD.txt.br] --to NEW.txt.br FIRST..LAST=ORDER_FILE ...
  FIRST..LAST   the days on which the edition is billed with: 2026-10-01..2027-09-30
  ORDER_FILE    CMS's file of it, icd10cm_order_2027.txt
  --list        take the editions of this list too`

const ADDED = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})=(.+)$/

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { list: { type: 'string' }, to: { type: 'string' } },
  })
  if (values.to === undefined || positionals.length === 0) throw new Error(USAGE)
  let editions: readonly EditionCodes[] =
    values.list === undefined ? [] : editionsOf(new CodeList(brotliDecompressSync(readFileSync(values.list))))
  for (const argument of positionals) editions = withEdition(editions, readEdition(argument))
  const text = Buffer.from(listText(editions), 'ascii')
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = constants
  const packed = brotliCompressSync(text, {
    params: { [BROTLI_PARAM_QUALITY]: 11, [BROTLI_PARAM_LGWIN]: 24, [BROTLI_PARAM_SIZE_HINT]: text.length },
  })
  writeFileSync(values.to, packed)
  for (const { first, last, codes } of editions) {
    const billable = [...codes.values()].filter(({ isBillable }) => isBillable).length
    console.log(`${first} to ${last}: ${billable} billable codes, ${codes.size - billable} categories`)
  }
  console.log(`${values.to}: ${packed.length} bytes`)
}

function readEdition(argument: string): EditionCodes {
  const [, first, last, file] = ADDED.exec(argument) ?? []
  if (first === undefined || last === undefined || file === undefined) throw new Error(USAGE)
  try {
    return { first, last, codes: readOrderFile(readFileSync(file, 'utf8')) }
  } catch (cause) {
    throw new Error(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

try {
  main()
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
