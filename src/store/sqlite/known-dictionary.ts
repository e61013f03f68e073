// A dictionary for packing an index only to compare it: what the store does not know gets a number that nothing has.
import { Dictionary, type Param } from './dictionary.ts'
import type { SecurityLabel } from '../access-filter.ts'

/** Beyond every number that is given: a row with it is equal to none that is stored. */
const UNKNOWN = 2 ** 50

export class KnownDictionary extends Dictionary {
  addType(name: string): number {
    return this.type(name) ?? UNKNOWN
  }

  addParam(type: number, name: string): Param {
    return this.param(type, name) ?? { tp: UNKNOWN, asText: false }
  }

  addToken(system: string, code: string): number {
    return this.token(system, code) ?? UNKNOWN
  }

  addText(text: string): number {
    return this.text(text) ?? UNKNOWN
  }

  addLabel(label: SecurityLabel): number {
    return this.label(label) ?? UNKNOWN
  }

  addKey(type: number, id: string): number {
    return this.rid(type, id) ?? this.ghost(type, id) ?? UNKNOWN
  }

  /** The key by which a reference is written now: one from before its target was there becomes the target's own. */
  keyNow(key: number): number {
    if (key >= 0 || key % 2 !== 0) return key
    const found = this.statements.value<number>({
      text: 'SELECT r.rid FROM ghost g JOIN res r ON r.type = g.type AND r.id = g.id WHERE g.gid = ?',
      params: [key / -2],
    })
    return found ?? key
  }

  /** Undefined for a code that no parameter has. */
  paramName(tp: number): { readonly type: string; readonly name: string } | undefined {
    const row = this.statements.row<[string, string]>({
      text: 'SELECT t.name, p.name FROM param p JOIN type t ON t.code = p.type WHERE p.tp = ?',
      params: [tp],
    })
    return row && { type: row[0], name: row[1] }
  }
}
