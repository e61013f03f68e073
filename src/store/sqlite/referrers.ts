// Who refers to a resource, under whatever parameter.
import { atMost, isIn, raw, sql, TRUE } from './sql.ts'
import { bounded, type Reading } from './versions.ts'
import type { ResourceKey } from '../commit.ts'

/**
 * See `Store.referrers`.
 * @throws LongSearch when it takes long and must not
 */
export function referrers(
  reading: Reading,
  key: ResourceKey,
  limit: number,
  behind?: ResourceKey,
): ResourceKey[] {
  return bounded(reading, () => found(reading, key, limit, behind))
}

function found(
  { statements, dictionary }: Reading,
  { type: name, id }: ResourceKey,
  limit: number,
  behind: ResourceKey | undefined,
): ResourceKey[] {
  const type = dictionary.type(name)
  const keys = dictionary.keys(type, id)
  if (type === undefined || keys.length === 0) return []
  const own = dictionary.rid(type, id) ?? 0
  const after = behind === undefined ? 0 : ridOf(behind, dictionary)
  // The index begins with the parameter: those in use are stepped through, each is asked for by a probe.
  const rows = statements.rows<[number, string]>(
    sql`WITH RECURSIVE used (tp) AS (
      SELECT min(tp) FROM ref UNION ALL SELECT (SELECT min(x.tp) FROM ref x WHERE x.tp > used.tp) FROM used WHERE used.tp IS NOT NULL)
    SELECT r.type, r.id FROM (
      SELECT DISTINCT CASE WHEN d.tp IN (SELECT p.tp FROM type t CROSS JOIN param p ON p.type = t.code WHERE t.name >= '#' AND t.name < '$')
        THEN (SELECT c.owner FROM res c WHERE c.rid = d.rid) ELSE d.rid END AS rid
      FROM used CROSS JOIN ref d ON d.tp = used.tp AND d.tgt ${isIn(keys)} WHERE ${statements.work.passing(raw('d.rid'), TRUE)}) f
    CROSS JOIN res r ON r.rid = f.rid
    WHERE f.rid > ${after} AND f.rid <> ${own} ORDER BY f.rid ${atMost(limit)}`,
  )
  return rows.map(([code, id]) => ({ type: dictionary.typeName(code), id }))
}

function ridOf({ type: name, id }: ResourceKey, dictionary: Reading['dictionary']): number {
  const type = dictionary.type(name)
  return (type === undefined ? undefined : dictionary.rid(type, id)) ?? 0
}
