// A folder of its own for a test that needs files, gone afterwards.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export function testFolder(t: { teardown(end: () => void): void }): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'alcove-test-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return (name) => join(folder, name)
}
