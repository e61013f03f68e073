// What a Repository is built from; handed in by the composition root.
import type { Definitions } from '../fhir/index.ts'
import type { Terminology, Validator } from '../conformance/index.ts'
import type { Search } from '../search/index.ts'
import type { Store } from '../store/index.ts'
import type { CustomParameters } from './custom-parameters.ts'
import type { Labelling } from './labelling/labelling.ts'
import type { Relabelling } from './relabelling.ts'
import type { TypeChanges } from './type-changes.ts'
import type { WriteLines } from './write-lines.ts'
import type { WriteRules } from './write-rules.ts'

export interface RepositoryParts {
  /** Writes wait until it resolves; undefined: they need not. */
  readonly installed?: Promise<void> | undefined
  readonly store: Store
  readonly definitions: Definitions
  readonly validator: Validator
  readonly search: Search
  readonly terminology: Terminology
  /** undefined: SearchParameters are stored, and nothing comes of them. */
  readonly customParameters?: CustomParameters | undefined
  /** undefined: nothing is labelled but by who sends it. */
  readonly labelling?: Labelling | undefined
  /** undefined: what is stored stays as it is labelled. */
  readonly relabelling?: Relabelling | undefined
  /** undefined: nothing follows from what is written. */
  readonly writeRules?: WriteRules | undefined
  /** undefined: nothing that a search found is remembered. */
  readonly typeChanges?: TypeChanges | undefined
  /** In which writers of one resource wait for each other: the same for all who write to the store. */
  readonly lines: WriteLines
  /** A new logical id for a created resource. */
  readonly newId: () => string
  /** `enforce` refuses what is invalid, `warn` stores it and says so. */
  readonly validation: 'enforce' | 'warn'
  /** Whether a reference to a resource of this server must find it. */
  readonly references: 'enforce' | 'off'
  /** false: a long write is not done in steps between which others have their turn, for there are none. */
  readonly servesOthers?: boolean
  /** The server's FHIR base, such as `http://127.0.0.1:8080/fhir`: absolute URLs below it are local references. */
  readonly baseUrl: string
}
