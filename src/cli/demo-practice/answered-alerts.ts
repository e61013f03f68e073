// What the practice has done about answers that told of danger: the alerts of weeks ago are looked after, the latest wait.
import { ALERT_IDENTIFIER, DISMISSAL_REASON } from '../../behavioral/index.ts'
import { isJsonObject, parseJson, type JsonValue, type Resource } from '../../fhir/index.ts'
import type { Repository, TransactionRequest } from '../../repository/index.ts'
import { searchQuery } from '../../store/index.ts'

/** Milliseconds after which an alert has been looked after. */
const LOOKED_AFTER = 24 * 86_400_000

const REASON = 'Asked further at the visit, and wrote a safety plan together. No intent and no plan.'

/** Puts alerts away that were raised some weeks before `today` (milliseconds since 1970), with a reason, as a clinician would. */
export async function answerAlerts(repository: Repository, today: number): Promise<void> {
  const requests: TransactionRequest[] = []
  for (const type of ['Flag', 'Task']) {
    const { matches } = await repository.search(searchQuery({ type, count: 500 }))
    for (const { id, body } of matches) {
      const resource = parseJson(body as Buffer) as Resource
      const raised = raisedAt(resource)
      if (raised === undefined || today - Date.parse(raised) < LOOKED_AFTER) continue
      requests.push({
        kind: 'update',
        target: { type, id },
        resource: putAway(resource, raised),
        entry: requests.length,
      })
    }
  }
  if (requests.length > 0) await repository.transaction(requests)
}

/** When an alert raised it; undefined for what no alert raised. */
function raisedAt({ identifier, period, authoredOn }: Resource): string | undefined {
  const isRaised = listOf(identifier).some((it) => isJsonObject(it) && it['system'] === ALERT_IDENTIFIER)
  const at = isJsonObject(period) ? period['start'] : authoredOn
  return isRaised && typeof at === 'string' ? at : undefined
}

function putAway(resource: Resource, raised: string): Resource {
  if (resource.resourceType === 'Task')
    return { ...resource, status: 'completed', note: [{ text: REASON }], lastModified: raised }
  const reason = { url: DISMISSAL_REASON, valueString: REASON }
  return { ...resource, status: 'inactive', extension: [...listOf(resource['extension']), reason] }
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : []
}
