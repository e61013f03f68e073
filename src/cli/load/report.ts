// What `alcove load` says at the end, for people and for scripts.
import { grouped, duration } from '../progress.ts'
import type { LoadAccount, Refusal } from './loader.ts'
import type { DanglingReference } from './references.ts'

export interface LoadReport {
  readonly account: LoadAccount
  readonly files: number
  readonly skipped: number
  readonly dangling: readonly DanglingReference[]
  /** Dangling references beyond those listed. */
  readonly danglingMore: number
  readonly elapsedMs: number
  /** Stopped before the end. */
  readonly interrupted: boolean
}

/** `file:line: element: rule`, a refusal a line, in the order of files and lines. */
export function refusalLines(refusals: readonly Refusal[]): string[] {
  return [...refusals]
    .sort(byPlace)
    .map(({ file, line, element, rule }) =>
      oneLine(`${file}:${line}: ${element === '' ? '' : `${element}: `}${rule}`),
    )
}

export function reportText(report: LoadReport): string {
  const { account, files, skipped, dangling, danglingMore, elapsedMs, interrupted } = report
  const lines = refusalLines(account.refusals)
  if (account.refused > 0 && lines.length < account.refused)
    lines.push(`... and more: only the first ${grouped(lines.length)} reasons are listed`)
  for (const line of refusalLines(account.warnings)) lines.push(`warning: ${line}`)
  for (const { file, line, element, type } of dangling)
    lines.push(`note: ${file}:${line}: ${element}: refers to a ${type} that is not in the database`)
  if (danglingMore > 0) lines.push(`note: and ${countOf(danglingMore, 'more reference')} of this kind`)
  if (skipped > 0)
    lines.push(`note: ${countOf(skipped, 'file')} passed over, whose names do not say JSON, NDJSON or XML`)
  const done = (['created', 'updated', 'unchanged', 'deleted'] as const)
    .filter((it) => account[it] > 0)
    .map((it) => `${grouped(account[it])} ${it}`)
  lines.push(
    `${interrupted ? 'stopped early: ' : ''}${done.length === 0 ? 'nothing loaded' : done.join(', ')}, ` +
      `${grouped(account.refused)} refused; ${countOf(files, 'file')} in ${duration(elapsedMs)}`,
  )
  return `${lines.join('\n')}\n`
}

/** One line of JSON. */
export function reportJson(report: LoadReport): string {
  const { account, files, skipped, dangling, danglingMore, elapsedMs, interrupted } = report
  const { created, updated, unchanged, deleted, refused } = account
  return `${JSON.stringify({
    files,
    skipped,
    created,
    updated,
    unchanged,
    deleted,
    refused,
    refusals: [...account.refusals].sort(byPlace),
    warnings: [...account.warnings].sort(byPlace),
    danglingReferences: { listed: dangling, more: danglingMore },
    seconds: Math.round(elapsedMs) / 1000,
    interrupted,
  })}\n`
}

function countOf(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`
}

function byPlace(a: Refusal, b: Refusal): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line
}

function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ')
}
