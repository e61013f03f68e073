// Who stands behind the references of claims: the person behind a role, and what people and payers are called.
import { isJsonObject, type JsonObject, type Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { localReferenceMatch, searchQuery } from '../../store/index.ts'
import { localKeyOf } from '../claims/index.ts'
import { objectAt, objectsAt, textAt, textsAt } from '../elements.ts'

export interface Persons {
  /** `Practitioner/[id]` for a PractitionerRole of whom it is known; any other key as it is. */
  personOf(key: string): Promise<string>
  /** These, the practitioners behind those of them that are roles, and all roles of either. */
  allKeysOf(keys: readonly string[]): Promise<readonly string[]>
  /** By key; none for what cannot be seen or has no name. */
  namesOf(keys: readonly string[]): Promise<ReadonlyMap<string, string>>
}

/** Past any clinician's. */
const MOST_ROLES = 1000

/** Each is looked up once. */
export function personsOf(view: WorldView, baseUrl: string): Persons {
  const persons = new Map<string, string>()
  const read = async (key: string): Promise<Resource | undefined> => {
    const [type = '', id = ''] = key.split('/')
    return (await view.read(type, id))?.resource
  }
  const personOf = async (key: string): Promise<string> => {
    if (!key.startsWith('PractitionerRole/')) return key
    const known = persons.get(key)
    if (known !== undefined) return known
    const person = localKeyOf(objectAt(await read(key), 'practitioner'), baseUrl) ?? key
    persons.set(key, person)
    return person
  }
  return {
    personOf,
    async allKeysOf(keys) {
      const all = new Set(keys)
      for (const key of keys) {
        const person = await personOf(key)
        all.add(person)
        const [type, id = ''] = person.split('/')
        if (type !== 'Practitioner') continue
        const where = localReferenceMatch('practitioner', ['Practitioner'], id)
        const roles = await view.every(searchQuery({ type: 'PractitionerRole', where }), MOST_ROLES)
        for (const role of roles) all.add(`PractitionerRole/${role.id}`)
      }
      return [...all]
    },
    async namesOf(keys) {
      const names = new Map<string, string>()
      for (const key of keys) {
        const name = nameOf(await read(key))
        if (name !== undefined) names.set(key, name)
      }
      return names
    },
  }
}

function nameOf(resource: Resource | undefined): string | undefined {
  const name = resource?.['name']
  if (typeof name === 'string') return name === '' ? undefined : name
  const [first] = resource === undefined ? [] : objectsAt(resource, 'name')
  return isJsonObject(first) ? personName(first) : undefined
}

function personName(name: JsonObject): string | undefined {
  const text = textAt(name, 'text')
  if (text !== undefined) return text
  const all = [...textsAt(name, 'given').slice(0, 1), textAt(name, 'family')].filter(
    (part) => part !== undefined,
  )
  return all.length === 0 ? undefined : all.join(' ')
}
