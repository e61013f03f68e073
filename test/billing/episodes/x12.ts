// A claim written as an 837, and read back: the same.
import type { Test } from 'tap'
import {
  type ClaimBundle,
  contentOf,
  readClaimSet,
  readInterchanges,
  writeClaimSet,
} from '../../../src/billing/index.ts'
import { HEADER, written837 } from '../x12/written-837.ts'

/** Fails the test where the 837 cannot be written, or tells something else when it is read. */
export function readAgain(t: Pick<Test, 'same'>, bundle: ClaimBundle): void {
  const content = contentOf(bundle)
  const { kind } = content
  const text = written837(kind, writeClaimSet(1, { header: HEADER, kind, claims: [content] }))
  const [interchange] = readInterchanges(text)
  const set = interchange?.groups[0]?.sets[0]
  t.same(set && readClaimSet(set).claims, [content], `an 837 of a ${kind} claim`)
}
