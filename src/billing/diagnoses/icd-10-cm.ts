// ICD-10-CM as billing asks it: may this code be billed for a service of this day. https://www.cms.gov/medicare/coding-billing/icd-10-codes
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { FhirError } from '../../fhir/index.ts'
import { CodeList, type Edition } from './code-list.ts'
import type { DiagnosisFault } from './diagnosis-fault.ts'
import { judgeCode } from './judge-code.ts'
import { withoutDot } from './written-code.ts'

const FILE = /^icd-10-cm-(.+)\.txt\.br$/
const DAY = /^\d{4}-\d{2}-\d{2}$/
/** Room for a list of today's size at once, so that it is not put together from pieces; a longer one only takes longer. */
const PIECE_BYTES = 9 * 2 ** 20

export class Icd10Cm {
  readonly #folder: string
  #list: CodeList | undefined

  /**
   * Reads nothing before it is first asked.
   * @param folder holds `icd-10-cm-NAME.txt.br`, as scripts/billing/make-icd10cm.ts makes it; of several, the one whose
   *   name comes last is used
   */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** The oldest first. */
  get editions(): readonly Edition[] {
    return this.#loaded().editions
  }

  /**
   * Why `code`, with its dot or without, cannot be billed for a service of `date`; undefined where it can be. A code that
   * was billable on the list's last day is taken to be so afterwards.
   * @param date `YYYY-MM-DD`; anything else is refused with FhirError `invalid`
   */
  faultOf(code: string, date: string): DiagnosisFault | undefined {
    if (!DAY.test(date)) throw new FhirError('invalid', 'A day of service must be written YYYY-MM-DD')
    return judgeCode(this.#loaded(), code, date)
  }

  /** Whether `faultOf` finds no error; what the list cannot know is taken to be billable. */
  isBillable(code: string, date: string): boolean {
    return this.faultOf(code, date)?.severity !== 'error'
  }

  /** CMS's long description of a code or category of any edition, with its dot or without. */
  displayOf(code: string): string | undefined {
    const plain = withoutDot(code)
    const place = plain === undefined ? undefined : this.#loaded().find(plain)
    return place === undefined ? undefined : this.#loaded().at(place).text
  }

  #loaded(): CodeList {
    this.#list ??= loadList(this.#folder)
    return this.#list
  }
}

function loadList(folder: string): CodeList {
  const names = readdirSync(folder).flatMap((file) => FILE.exec(file)?.[1] ?? [])
  const newest = names.toSorted().at(-1)
  if (newest === undefined)
    throw new Error(`No list of ICD-10-CM codes, icd-10-cm-NAME.txt.br, is in ${folder}`)
  const file = path.join(folder, `icd-10-cm-${newest}.txt.br`)
  try {
    return new CodeList(brotliDecompressSync(readFileSync(file), { chunkSize: PIECE_BYTES }))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${file} is no list of ICD-10-CM codes: ${why}`, { cause })
  }
}
