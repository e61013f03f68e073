// Which claims replace which, of a patient: read once for a file, which may deny many claims of one patient.
import type { Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { localReferenceMatch, searchQuery } from '../../store/index.ts'
import { keyOfResource, localKeyOf } from '../claims/references.ts'
import { priorOf } from '../claims/replacement.ts'
import { objectAt } from '../elements.ts'

/** Claims of one patient that are looked at. */
const MOST_CLAIMS = 5000

export class Replacements {
  readonly #view: WorldView
  readonly #baseUrl: string
  /** By `Type/id` of the patient: by `Claim/[id]` the ids of those that replace it. */
  readonly #byPatient = new Map<string, Promise<ReadonlyMap<string, readonly string[]>>>()

  constructor(view: WorldView, baseUrl: string) {
    this.#view = view
    this.#baseUrl = baseUrl
  }

  /** Ids of the claims that replace this one themselves. @throws FhirError `too-costly` */
  async of(claim: Resource): Promise<readonly string[]> {
    const key = localKeyOf(objectAt(claim, 'patient'), this.#baseUrl)
    if (key === undefined) return []
    const known = this.#byPatient.get(key) ?? this.#read(key)
    this.#byPatient.set(key, known)
    return (await known).get(keyOfResource(claim)) ?? []
  }

  async #read(patient: string): Promise<ReadonlyMap<string, readonly string[]>> {
    const [type = '', id = ''] = patient.split('/')
    const where = localReferenceMatch('patient', [type], id)
    const claims = await this.#view.every(searchQuery({ type: 'Claim', where }), MOST_CLAIMS)
    const replacing = new Map<string, string[]>()
    for (const { id: claimId, resource } of claims) {
      const replaced = priorOf(resource, this.#baseUrl)
      if (replaced === undefined) continue
      const others = replacing.get(replaced)
      if (others === undefined) replacing.set(replaced, [claimId])
      else others.push(claimId)
    }
    return replacing
  }
}
