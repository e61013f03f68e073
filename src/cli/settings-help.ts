// The settings as text: for `alcove serve --help`, and as the README's table.
import { SETTINGS } from '../config.ts'

/** One setting a paragraph, for a terminal. */
export function settingsHelp(): string {
  return Object.values(SETTINGS)
    .map(
      (it) =>
        `  ${it.name}  (${plain(it.type)}${it.default === '' ? '' : `; default ${it.default}`})\n      ${plain(it.meaning)}`,
    )
    .join('\n')
}

/** A Markdown table with a row a setting; ends without a newline. */
export function settingsTable(): string {
  const rows = Object.values(SETTINGS).map(
    (it) =>
      `| \`${it.name}\` | ${cell(it.type)} | ${it.default === '' ? '' : `\`${it.default}\``} | ${cell(it.meaning)}${it.secret ? ' Keep it secret.' : ''} |`,
  )
  return ['| environment variable | value | default | meaning |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  )
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function plain(text: string): string {
  return text.replaceAll('`', '')
}
