// Official R4 invariants that say something else than what they mean, and what is checked in their place.

interface Mend {
  readonly expression: string
  readonly reason: string
}

/** By key. No mend refuses what the official rule accepts. */
export const MENDED: Readonly<Record<string, Mend>> = {
  'app-4': {
    expression: "cancelationReason.exists() implies (status='noshow' or status='cancelled')",
    reason: "The official rule says 'no-show', but the code of AppointmentStatus is 'noshow'.",
  },
  'con-3': {
    expression:
      "clinicalStatus.exists() or verificationStatus.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-ver-status' and code='entered-in-error').exists() or category.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-category' and code='problem-list-item').empty()",
    reason:
      'The official rule compares a CodeableConcept with a text and then counts the answers, so that it warns of any category.',
  },
  'que-7': {
    expression: "operator = 'exists' implies (answer is boolean)",
    reason:
      "The official rule says 'Boolean'; FHIR's type is 'boolean', and an answer is never a System.Boolean.",
  },
  'tim-9': {
    expression:
      "offset.empty() or (when.exists() and when.where($this = 'C' or $this = 'CM' or $this = 'CD' or $this = 'CV').empty())",
    reason: 'The official rule asks `when in (...)`, which is an error as soon as there are two of them.',
  },
}

const KEPT_BY_VALIDATION = 'The validator keeps it as it walks through the body, and can say what is wrong.'

/** By key: rules that are not checked here, and why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  'ele-1': 'The validator refuses empty objects and arrays as a fault of structure.',
  'dom-6':
    'A best practice (a resource should have a narrative); to warn of it at every write would tell nobody anything.',
  'cid-0': 'ChargeItemDefinition has no `name`, so that the rule can never be broken.',
  'ext-1': KEPT_BY_VALIDATION,
  'ref-1': KEPT_BY_VALIDATION,
  'txt-1': KEPT_BY_VALIDATION,
  'txt-2': KEPT_BY_VALIDATION,
}

/**
 * By key: rules that hold when their expression comes out empty, and why; so do all that only warn. Any other rule
 * holds when it comes out true: what cannot be told is not kept.
 */
export const HOLDS_WHEN_EMPTY: Readonly<Record<string, string>> = {
  'bdl-8': 'An entry without fullUrl has none that could be specific to a version.',
  'per-1':
    'Dates of different precision are often not comparable, and an end of 2012-02-03 includes every time on that day.',
  'ras-2': 'A prediction may have no probability.',
  'rng-2': 'Quantities in different units are not compared, and one may lack its value.',
}

// ras-2 is known to trouble other implementations: `probability is decimal` is compiled as FHIR's decimal.
