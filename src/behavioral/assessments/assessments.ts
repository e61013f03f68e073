// Assessments as the server knows them: scores responses, and takes part in the writes of responses and of what they make.
import { splitCanonical } from '../../conformance/index.ts'
import { FhirError, type Issue, type JsonObject, type Resource } from '../../fhir/index.ts'
import type { DomainChange, FollowUp, World, WorldView, WriteRules } from '../../repository/index.ts'
import type { SecurityLabel } from '../../store/index.ts'
import { askedOnce } from './asked-once.ts'
import { activeTeam } from './care-team.ts'
import { dismissalIssues } from './dismissal.ts'
import { followResponse, knownFrom, wantedParts } from './follow-ups.ts'
import type { Instrument } from './instrument.ts'
import type { Instruments } from './instruments.ts'
import { idOf, withId, type Making } from './made-from.ts'
import { isDone, patientIdOf } from './response-source.ts'
import type { ScoredResponse } from './scored.ts'
import { scoreResponse } from './scoring.ts'

export interface AssessmentParts {
  /** The server's FHIR base. */
  readonly baseUrl: string
  /** Whether a response that is done is scored when it is saved. */
  readonly scoresResponses: boolean
  readonly instruments: Instruments
  /** The labels that a resource is given when it is written. */
  readonly labelsOf: (resource: Resource) => Promise<readonly SecurityLabel[]>
}

export class Assessments {
  readonly #parts: AssessmentParts

  constructor(parts: AssessmentParts) {
    this.#parts = parts
  }

  /**
   * undefined when the response names no Questionnaire that can be seen and scores.
   * @throws FhirError `invalid` when that is broken
   */
  async score(response: Resource, view: WorldView): Promise<ScoredResponse | undefined> {
    const instrument = await this.#instrumentOf(response, view)
    return instrument === undefined ? undefined : this.#scoreBy(instrument, response, view)
  }

  /** What a response with this id makes, were it written now and nothing made from it yet. */
  async resultsOf(
    scored: ScoredResponse,
    response: Resource,
    id: string,
    view: WorldView,
  ): Promise<readonly Resource[]> {
    const wanted = wantedParts(scored, response, id)
    const hasTask = wanted.some(({ part }) => part.type === 'Task')
    const making: Making = { idOf, owner: hasTask ? await this.#ownerOf(response, view) : undefined }
    return wanted.map(({ part, build }) => withId(build(making), idOf(part)))
  }

  /** What has been made from a stored response, as far as it can be seen. */
  async madeFrom(responseId: string, view: WorldView): Promise<readonly Resource[]> {
    return (await knownFrom(responseId, view)).map(({ resource }) => resource)
  }

  get writeRules(): WriteRules {
    return {
      types: new Set(['Questionnaire', 'QuestionnaireResponse', 'Flag', 'Task']),
      check: (change, { visible }) => this.#check(change, visible),
      follow: (change, world) => this.#follow(change, world),
    }
  }

  /** @throws FhirError `business-rule` for what is put away without a reason */
  async #check(change: DomainChange, view: WorldView): Promise<readonly Issue[]> {
    const { type, after } = change
    switch (type) {
      case 'Questionnaire':
        return after === undefined ? [] : this.#parts.instruments.faultsOf(after)
      case 'QuestionnaireResponse':
        return after === undefined ? [] : this.#faultsOf(after, askedOnce(view))
      default: {
        const issues = dismissalIssues(change)
        if (issues.length > 0) throw new FhirError('business-rule', issues)
        return []
      }
    }
  }

  /** Where a response is not as its Questionnaire asks; and that nothing follows from it, where that is so. */
  async #faultsOf(response: Resource, view: WorldView): Promise<readonly Issue[]> {
    const { questionnaire } = response
    const validate =
      typeof questionnaire === 'string'
        ? await this.#parts.instruments.validator(questionnaire, view)
        : undefined
    const faults = validate?.(response) ?? []
    return isDone(response) ? [...faults, ...(await this.#unscorable(response, view))] : faults
  }

  /** That nothing follows from a response, since its Questionnaire cannot be read, or not in the version it names. */
  async #unscorable(response: Resource, view: WorldView): Promise<readonly Issue[]> {
    try {
      const { questionnaire } = response
      if ((await this.#instrumentOf(response, view)) !== undefined || typeof questionnaire !== 'string')
        return []
      const { url, version } = splitCanonical(questionnaire)
      const isKnown = version !== undefined && (await this.#parts.instruments.find(url, view)) !== undefined
      return isKnown ? [notScored(`there is no ${questionnaire} here, only other versions of it.`)] : []
    } catch (error) {
      if (!isBroken(error)) throw error
      return [notScored(`its Questionnaire is broken. ${error.message}`)]
    }
  }

  async #follow(change: DomainChange, world: World): Promise<readonly FollowUp[]> {
    if (change.type !== 'QuestionnaireResponse') return []
    const { before, after } = change
    // Also of one that is done again: what was taken back with it comes back.
    const hasFollowed = isDone(before) || (before !== undefined && isDone(after))
    const known = hasFollowed ? await knownFrom(change.id, world) : []
    if (!this.#parts.scoresResponses && !change.isAsked && known.length === 0) return []
    const scoring = {
      score: (response: Resource) => this.#scoreIfPossible(response, world),
      owner: (response: Resource) => this.#ownerOf(response, world),
    }
    return followResponse(change, world, scoring, known)
  }

  async #scoreIfPossible(response: Resource, view: WorldView): Promise<ScoredResponse | undefined> {
    let instrument: Instrument | undefined
    try {
      instrument = await this.#instrumentOf(response, view)
    } catch (error) {
      if (!isBroken(error)) throw error
    }
    return instrument === undefined ? undefined : this.#scoreBy(instrument, response, view)
  }

  async #instrumentOf({ questionnaire }: Resource, view: WorldView): Promise<Instrument | undefined> {
    return typeof questionnaire === 'string' ? this.#parts.instruments.find(questionnaire, view) : undefined
  }

  async #scoreBy(instrument: Instrument, response: Resource, view: WorldView): Promise<ScoredResponse> {
    const patientId = instrument.needsPatient ? patientIdOf(response, this.#parts.baseUrl) : undefined
    const patient = patientId === undefined ? undefined : await view.read('Patient', patientId)
    return scoreResponse(instrument, response, { patient: patient?.resource })
  }

  async #ownerOf(response: Resource, view: WorldView): Promise<JsonObject | undefined> {
    const { baseUrl, labelsOf } = this.#parts
    const patientId = patientIdOf(response, baseUrl)
    if (patientId === undefined) return undefined
    const { authored } = response
    const at = typeof authored === 'string' ? authored : undefined
    let labels: Promise<readonly SecurityLabel[]> | undefined
    const team = await activeTeam(view, patientId, at, () => (labels ??= labelsOf(response)))
    return team === undefined ? undefined : { reference: team }
  }
}

function notScored(cause: string): Issue {
  return {
    severity: 'warning',
    code: 'processing',
    diagnostics: `The response is saved, but not scored, and no alert is raised: ${cause}`,
    expression: 'QuestionnaireResponse.questionnaire',
  }
}

/** That a Questionnaire cannot be read is no fault of who answers it. */
function isBroken(error: unknown): error is FhirError {
  return error instanceof FhirError && error.code === 'invalid'
}
