// Rules of the domain that take part in writes: faults that they find, and what they have written along with it.
import type { Issue, Resource } from '../fhir/index.ts'
import type { Expectation, Expression, SearchQuery } from '../store/index.ts'

/** Handed in by the composition root, for what a clinic's records mean is decided above this layer. */
export interface WriteRules {
  /** Types of resources whose writes they look at. */
  readonly types: ReadonlySet<string>
  /**
   * Faults beside those of validation, told as faults of the entry that the change comes from; as warnings, where
   * invalid resources are stored.
   * @throws FhirError for what is refused in any case
   */
  check(change: DomainChange, world: World): Promise<readonly Issue[]>
  /** What is written in the same commit. The caller's access does not stand against it; it is validated and labelled. */
  follow(change: DomainChange, world: World): Promise<readonly FollowUp[]>
}

/** One write, once its references are settled and before its labels are known. */
export interface DomainChange {
  readonly type: string
  readonly id: string
  /** The version that is replaced or deleted, as the caller may see it; undefined where there is none to be seen. */
  readonly before: Resource | undefined
  /** undefined: it is deleted. */
  readonly after: Resource | undefined
  /** Its id was made for it, so that nothing can refer to it or follow from it yet. */
  readonly isNew: boolean
  /** What follows was asked for, whatever the settings say. */
  readonly isAsked: boolean
}

export interface FollowUp {
  readonly type: string
  readonly id: string
  readonly resource: Resource
  /** What must be there in the write turn; else all is planned anew. */
  readonly expect: Expectation
}

export interface KnownVersion {
  readonly id: string
  /** Read from its bytes when it is first asked for. */
  readonly resource: Resource
  /** 0: it is only being written, along with what is looked at. */
  readonly versionId: number
  /** Of what is only being written: which version it is going to be, where that can be told. */
  readonly becomes?: number | undefined
}

export interface WorldView {
  /** What is written in the same commit, else what is stored; undefined when it is deleted or never was. */
  read(type: string, id: string): Promise<KnownVersion | undefined>
  /**
   * Of what is stored the matches of the first page, without those that are written in the same commit; then what is
   * written there and meets the condition. Where that looks at other resources, it is asked of what is stored.
   */
  search(query: SearchQuery): Promise<readonly KnownVersion[]>
  /**
   * As `search`, of all pages.
   * @throws FhirError `too-costly` when there are more than `most`
   */
  every(query: SearchQuery, most: number): Promise<readonly KnownVersion[]>
  /** The last versions that are stored of one resource, newest first; deletions are left out. */
  earlier(type: string, id: string): Promise<readonly KnownVersion[]>
  /**
   * Searches of the type answer the same here, now and in every other view, while this is the same number; undefined
   * where that is not known.
   */
  stateOf?(type: string): number | undefined
}

/** All that is stored: for what the server does itself. */
export interface World extends WorldView {
  /** What the caller may see of it: for what the caller is told. */
  readonly visible: WorldView
  /**
   * To be asked before that is read which decides what follows: all is planned anew when others write, meanwhile,
   * something that the caller may see and that meets the condition.
   */
  hold(type: string, where: Expression): Promise<void>
}
