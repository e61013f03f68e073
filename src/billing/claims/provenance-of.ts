// Of which versions of notes and visits a claim was made (https://hl7.org/fhir/R4/provenance.html).
import { formatInstant, type Resource } from '../../fhir/index.ts'
import { madeId, madeName } from '../made.ts'
import type { MadeAs } from './claim-of.ts'
import type { ClaimPlan } from './claim-plan.ts'

const THO = 'http://terminology.hl7.org/CodeSystem'

/** With an id; it names `claimOf` of the same plan, made as the same. */
export function provenanceOf(plan: ClaimPlan, { name, attempt = 0, now }: MadeAs): Resource {
  const { resourceType, id } = plan.parties.provider
  const { labels } = plan
  return {
    resourceType: 'Provenance',
    id: madeId(madeName('provenance', name), attempt),
    ...(labels.length === 0 ? {} : { meta: { security: [...labels] } }),
    target: [{ reference: `Claim/${madeId(name, attempt)}` }],
    recorded: formatInstant(now),
    activity: { coding: [{ system: `${THO}/v3-DataOperation`, code: 'CREATE' }] },
    agent: [
      {
        type: { coding: [{ system: `${THO}/provenance-participant-type`, code: 'assembler' }] },
        who: { display: 'Alcove' },
        onBehalfOf: { reference: `${resourceType}/${String(id)}` },
      },
    ],
    entity: plan.madeOf.map((reference) => ({ role: 'source', what: { reference } })),
  }
}
