// Which claims replace which, of a patient: read once for a file, which may deny many claims of one patient.
import { parseReference, type Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { localReferenceMatch, searchQuery } from '../../store/index.ts'
import { hasCode, objectAt, objectsAt, textAt } from '../elements.ts'

/** Claims of one patient that are looked at. */
const MOST_CLAIMS = 5000

export class Replacements {
  readonly #view: WorldView
  readonly #baseUrl: string
  /** By `Type/id` of the patient: by the id of a claim the ids of those that replace it. */
  readonly #byPatient = new Map<string, Promise<ReadonlyMap<string, readonly string[]>>>()

  constructor(view: WorldView, baseUrl: string) {
    this.#view = view
    this.#baseUrl = baseUrl
  }

  /** Ids of the claims that replace this one themselves. @throws FhirError `too-costly` */
  async of(claim: Resource): Promise<readonly string[]> {
    const patient = parseReference(textAt(objectAt(claim, 'patient'), 'reference') ?? '', this.#baseUrl)
    if (patient.kind !== 'local') return []
    const key = `${patient.type}/${patient.id}`
    const known = this.#byPatient.get(key) ?? this.#read(patient.type, patient.id)
    this.#byPatient.set(key, known)
    return (await known).get(String(claim['id'])) ?? []
  }

  async #read(type: string, id: string): Promise<ReadonlyMap<string, readonly string[]>> {
    const where = localReferenceMatch('patient', [type], id)
    const claims = await this.#view.every(searchQuery({ type: 'Claim', where }), MOST_CLAIMS)
    const replacing = new Map<string, string[]>()
    for (const { id: claimId, resource } of claims) {
      const replaced = replacedBy(resource, this.#baseUrl)
      if (replaced === undefined) continue
      const others = replacing.get(replaced)
      if (others === undefined) replacing.set(replaced, [claimId])
      else others.push(claimId)
    }
    return replacing
  }
}

/** The id of the claim that this one replaces or voids. */
export function replacedBy(claim: Resource | undefined, baseUrl: string): string | undefined {
  const prior = objectsAt(claim, 'related').find((one) => hasCode(objectAt(one, 'relationship'), 'prior'))
  const parsed = parseReference(textAt(objectAt(prior, 'claim'), 'reference') ?? '', baseUrl)
  return parsed.kind === 'local' && parsed.type === 'Claim' ? parsed.id : undefined
}
