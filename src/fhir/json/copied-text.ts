// Texts that keep nothing but themselves alive.

/**
 * The same text in memory of its own, lone surrogates too: part of a longer text, as parsers give it, keeps all of that
 * as long as it is kept.
 */
export function copiedText(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string
}
