// The part of the SQLite driver that the store uses; the package's own declarations are not reachable through its exports.
declare module 'better-sqlite3-multiple-ciphers' {
  export type Value = number | bigint | string | Uint8Array | null

  export interface Statement {
    /** Whether it gives rows. */
    readonly reader: boolean
    run(...params: readonly Value[]): { readonly changes: number; readonly lastInsertRowid: number }
    get(...params: readonly Value[]): unknown
    all(...params: readonly Value[]): unknown[]
    iterate(...params: readonly Value[]): IterableIterator<unknown>
    /** Rows as arrays. */
    raw(on?: boolean): this
    /** Rows as their first column. */
    pluck(on?: boolean): this
  }

  interface Options {
    readonly readonly?: boolean
    readonly fileMustExist?: boolean
    /** Milliseconds to wait for a lock. */
    readonly timeout?: number
  }

  class Database {
    constructor(file: string, options?: Options)
    readonly open: boolean
    readonly inTransaction: boolean
    /** The path it was opened by. */
    readonly name: string
    prepare(sql: string): Statement
    exec(sql: string): this
    /** What it throws, the statement throws. Numbers come as numbers. */
    function(
      name: string,
      options: { readonly deterministic: boolean; readonly directOnly: boolean },
      run: (...values: number[]) => Value,
    ): this
    pragma(text: string, options?: { readonly simple?: boolean }): unknown
    close(): this
    static readonly SqliteError: new (
      message: string,
      code: string,
    ) => Error & { readonly code: string }
  }

  export default Database
}
