// The tables of a new database, and what each column means.

/**
 * - `dt`: the resource's clinically relevant date, NO_DATE when it has none; copied into `tok` and `ref`, so
 *   that one range of an index yields its resources in that order.
 * - `pat`, `lab`: patient compartment and security labels, copied into every index row, so that access
 *   filters need no join. `pat`: 0 in none, a key for one (see `ghost`), SEVERAL when `res_patient` lists
 *   them. `lab`: a bit a label (see `label`); OTHER_LABELS when `res_label` lists those that have no bit.
 * - `tp`: a search parameter of a resource type. `seq`, `vid`: the version's place in the order of all writes.
 * - A resource is its `rid`, given with its first version: `rid` ascends in the order of creation. A
 *   reference to one that is not there yet has a key of its own, negative and even, from `ghost`, which the
 *   row keeps: whoever looks for a target asks for both (`Dictionary.keys`). A URL is negative and odd.
 * - A contained resource has a row in `res` too, of a type named `#Medication`, with its container's `pat`, `lab`,
 *   `dt`, `ver`, `seq`, `lu`, `op` and the container in `owner`; `id` is `[rid of the container]#[id within it]`. It
 *   has index rows of its own (`tp` of `#Medication`, not of `Medication`), and `#id` references to it have its `rid`.
 *   It is there as long as its container's current version is, and has no version, patients or labels listed.
 */
export const SCHEMA = `
CREATE TABLE type (code INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE param (
  tp INTEGER PRIMARY KEY, type INTEGER NOT NULL, name TEXT NOT NULL,
  form INTEGER NOT NULL, -- 0: tokens by dictionary; 1: as text, for values that rarely repeat
  UNIQUE (type, name));
CREATE TABLE dict (code INTEGER PRIMARY KEY, val TEXT NOT NULL, sys TEXT); -- sys NULL: a plain text, not a token
CREATE UNIQUE INDEX dict_v ON dict (val, sys);
CREATE INDEX dict_s ON dict (sys);
CREATE TABLE ghost (gid INTEGER PRIMARY KEY, type INTEGER NOT NULL, id TEXT NOT NULL, UNIQUE (type, id));
CREATE TABLE label (code INTEGER PRIMARY KEY, sys TEXT NOT NULL, val TEXT NOT NULL, UNIQUE (sys, val));
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE res (
  rid INTEGER PRIMARY KEY, type INTEGER NOT NULL, id TEXT NOT NULL, ver INTEGER NOT NULL, seq INTEGER NOT NULL,
  lu INTEGER NOT NULL, op INTEGER NOT NULL, live INTEGER NOT NULL, pat INTEGER NOT NULL, lab INTEGER NOT NULL,
  dt INTEGER NOT NULL, owner INTEGER NOT NULL DEFAULT 0);
CREATE INDEX res_owner ON res (owner, type) WHERE owner > 0;
CREATE UNIQUE INDEX res_id ON res (type, id);
CREATE INDEX res_tseq ON res (type, seq, pat, lab) WHERE live = 1;
CREATE INDEX res_pat ON res (pat, type, dt, lab) WHERE live = 1;
CREATE TABLE res_patient (rid INTEGER NOT NULL, pat INTEGER NOT NULL, PRIMARY KEY (rid, pat)) WITHOUT ROWID;
CREATE INDEX res_patient_p ON res_patient (pat, rid);
CREATE TABLE res_label (rid INTEGER NOT NULL, label INTEGER NOT NULL, PRIMARY KEY (rid, label)) WITHOUT ROWID;

CREATE TABLE version (
  vid INTEGER PRIMARY KEY, rid INTEGER NOT NULL, ver INTEGER NOT NULL, type INTEGER NOT NULL, lu INTEGER NOT NULL,
  op INTEGER NOT NULL, -- see OPS
  pat INTEGER NOT NULL, lab INTEGER NOT NULL);
CREATE UNIQUE INDEX ver_r ON version (rid, ver);
CREATE INDEX ver_t ON version (type, vid, pat, lab);
CREATE TABLE version_patient (vid INTEGER NOT NULL, pat INTEGER NOT NULL, PRIMARY KEY (vid, pat)) WITHOUT ROWID;
CREATE TABLE version_label (vid INTEGER NOT NULL, label INTEGER NOT NULL, PRIMARY KEY (vid, label)) WITHOUT ROWID;
CREATE TABLE body (vid INTEGER PRIMARY KEY, body BLOB NOT NULL, rows TEXT NOT NULL); -- rows: as index-rows.ts packs them

CREATE TABLE tok (
  tp INTEGER NOT NULL, val NOT NULL, dt INTEGER NOT NULL, rid INTEGER NOT NULL,
  pat INTEGER NOT NULL, lab INTEGER NOT NULL, PRIMARY KEY (tp, val, dt, rid)) WITHOUT ROWID;
CREATE INDEX tok_r ON tok (rid, tp, val);
CREATE TABLE ref (
  tp INTEGER NOT NULL, tgt INTEGER NOT NULL, dt INTEGER NOT NULL, rid INTEGER NOT NULL,
  pat INTEGER NOT NULL, lab INTEGER NOT NULL, PRIMARY KEY (tp, tgt, dt, rid)) WITHOUT ROWID;
CREATE INDEX ref_r ON ref (rid, tp, tgt);
CREATE TABLE str (
  tp INTEGER NOT NULL, val TEXT NOT NULL, rid INTEGER NOT NULL,
  exact TEXT NOT NULL, -- as it was written; '' where that is val
  pat INTEGER NOT NULL, lab INTEGER NOT NULL, PRIMARY KEY (tp, val, rid, exact)) WITHOUT ROWID;
CREATE INDEX str_r ON str (rid, tp, val);
CREATE TABLE dat (
  tp INTEGER NOT NULL, lo INTEGER NOT NULL, hi INTEGER NOT NULL, rid INTEGER NOT NULL,
  pat INTEGER NOT NULL, lab INTEGER NOT NULL, long INTEGER NOT NULL, -- 1: longer than LONG_DATE
  PRIMARY KEY (tp, lo, hi, rid)) WITHOUT ROWID;
CREATE INDEX dat_r ON dat (rid, tp, lo, hi);
CREATE INDEX dat_h ON dat (tp, hi) WHERE long = 1;
CREATE TABLE qty (
  tp INTEGER NOT NULL, lo REAL NOT NULL, hi REAL NOT NULL, rid INTEGER NOT NULL,
  sys INTEGER NOT NULL, code INTEGER NOT NULL, unit INTEGER NOT NULL, -- dict codes, 0 for none
  pat INTEGER NOT NULL, lab INTEGER NOT NULL, long INTEGER NOT NULL, -- 1: a range, not one value
  PRIMARY KEY (tp, lo, hi, rid, sys, code, unit)) WITHOUT ROWID;
CREATE INDEX qty_r ON qty (rid, tp, lo, hi);
CREATE INDEX qty_h ON qty (tp, hi) WHERE long = 1;
CREATE TABLE pos (
  tp INTEGER NOT NULL, lat REAL NOT NULL, lon REAL NOT NULL, rid INTEGER NOT NULL,
  pat INTEGER NOT NULL, lab INTEGER NOT NULL, PRIMARY KEY (tp, lat, lon, rid)) WITHOUT ROWID;
CREATE INDEX pos_r ON pos (rid, tp);
CREATE TABLE cmp (
  rid INTEGER NOT NULL, tp INTEGER NOT NULL, n INTEGER NOT NULL,
  row TEXT NOT NULL, -- JSON: the rows of the components, as index-rows.ts writes them
  PRIMARY KEY (rid, tp, n)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (
  narrative, content, content = '', contentless_delete = 1, tokenize = 'ascii'); -- rowid: rid; see text-index.ts
`

/** `dt` of a resource without a date: before every date there is. */
export const NO_DATE = -9_000_000_000_000_000
/** `pat` of a resource in several compartments. */
export const SEVERAL = -1
/** Labels with a bit of their own: codes 0 to 49. */
export const LABEL_BITS = 50
export const OTHER_LABELS = 2 ** LABEL_BITS
/** Milliseconds: two days. A range that reaches above a bound starts at most this much below it, or is in `dat_h`. */
export const LONG_DATE = 172_800_000

/** What `op` says of a version, by its place here; places are in files, so new ones go at the end. */
export const OPS = [
  { change: 'create', method: 'POST' },
  { change: 'update', method: 'PUT' },
  { change: 'delete', method: 'DELETE' },
  { change: 'create', method: 'PUT' },
  { change: 'update', method: 'PATCH' },
] as const
export const DELETE = 2

/** What is created by neither POST nor PUT, or updated by neither PUT nor PATCH, counts as put. */
export function opOf(change: 'create' | 'update', method: 'POST' | 'PUT' | 'PATCH'): number {
  const op = OPS.findIndex((known) => known.change === change && known.method === method)
  return op < 0 ? opOf(change, 'PUT') : op
}
