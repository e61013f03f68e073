// What comes of each fault and what mends it, as the code system of the edits says it: a practice may say it otherwise.
import { isJsonObject, type JsonObject, type Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { searchQuery, uriMatch } from '../../store/index.ts'
import { objectsAt, textAt } from '../elements.ts'
import { CLAIM_EDITS } from './finding.ts'

export interface Remedy {
  /** Claim adjustment reason code. */
  readonly denial?: string
  readonly mend: string
  readonly severity: 'error' | 'warning'
}

/** Where the code system does not say. */
const USUAL: Remedy = {
  mend: 'Mend the claim, or what it was made from, and check it again.',
  severity: 'error',
}
const MOST_VERSIONS = 100

/** Of the active version that is named last. */
export async function remediesIn(view: WorldView): Promise<(edit: string) => Remedy> {
  const query = searchQuery({ type: 'CodeSystem', where: uriMatch('url', CLAIM_EDITS), count: MOST_VERSIONS })
  const versions = (await view.search(query)).map(({ resource }) => resource)
  const newest = versions
    .filter(({ status }) => status === 'active')
    .toSorted((one, other) => versionOf(other).localeCompare(versionOf(one), 'en', { numeric: true }))[0]
  const byEdit = new Map(
    objectsAt(newest, 'concept').map((concept) => [String(concept['code']), remedyOf(concept)]),
  )
  return (edit) => byEdit.get(edit) ?? USUAL
}

function remedyOf(concept: JsonObject): Remedy {
  const told = new Map(
    objectsAt(concept, 'property').map((one) => [
      one['code'],
      textAt(one, 'valueString') ?? textAt(one, 'valueCode'),
    ]),
  )
  const denial = told.get('denial')
  return {
    ...(denial === undefined ? {} : { denial }),
    mend: told.get('mend') ?? USUAL.mend,
    severity: told.get('severity') === 'warning' ? 'warning' : 'error',
  }
}

function versionOf(resource: Resource): string {
  return isJsonObject(resource) && typeof resource['version'] === 'string' ? resource['version'] : ''
}
