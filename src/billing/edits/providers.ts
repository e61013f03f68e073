// Who rendered the services and who bills them, by the numbers and taxonomies that payers know them by.
import type { Resource } from '../../fhir/index.ts'
import { isNpi, taxonomiesOf } from '../claims/index.ts'
import { identifierIn, objectAt, objectsAt, textAt, textsAt } from '../elements.ts'
import { codesOf, isSameCode } from '../rules/index.ts'
import { SYSTEMS } from '../systems.ts'
import type { BilledLine } from './billed-line.ts'
import type { CheckedMember, ClaimUnderCheck, Edit } from './claim-under-check.ts'
import type { EditCode, Fault } from './finding.ts'
import { ruleOf } from './rule-of.ts'

const NPI_FAULT = `an NPI has ten digits, of which the last checks the others`

export const RENDERING: Edit = ({ kind, careTeam }) =>
  careTeam.flatMap((member) => {
    const { at, resource, role } = member
    if (resource === undefined) return []
    const npi = npiFault(resource, 'rendering-npi-missing', 'rendering-npi-invalid', 'who gave the service')
    if (!isTold(member, kind) || member.taxonomies.length > 0) return npi
    return [
      ...npi,
      {
        edit: 'rendering-taxonomy-missing' as const,
        at: `${at}.qualification`,
        what: `the ${role ?? 'rendering'} provider has no taxonomy of ${SYSTEMS.nucc}`,
      },
    ]
  })

/** By the rule of each line. */
export const TAXONOMIES: Edit = (context) =>
  context.lines.flatMap((line) => {
    const allowed = ruleOf(context, line)?.providers ?? []
    if (allowed.length === 0) return []
    const member = renderingOf(context, line)
    const taxonomies =
      member?.taxonomies ?? (context.provider === undefined ? [] : taxonomiesOf(context.provider))
    const isAllowed = taxonomies.some((own) => allowed.some((one) => isSameCode(one, own)))
    if (taxonomies.length === 0 || isAllowed) return []
    return [
      {
        edit: 'rendering-taxonomy-not-allowed' as const,
        at: `${member?.at ?? 'Claim.provider'}`,
        what: `${line.name} (${line.at}) is billed for the taxonomies ${codesOf(allowed)}, and who gave it has ${codesOf(taxonomies)}`,
      },
    ]
  })

export const BILLING_PROVIDER: Edit = ({ kind, provider }) => {
  if (provider === undefined) return []
  const type = provider.resourceType
  const faults = [...npiFault(provider, 'billing-npi-missing', 'billing-npi-invalid', 'who bills')]
  const ein = identifierIn(provider, SYSTEMS.ein)?.replace('-', '')
  const ssn = kind === 'institutional' ? undefined : identifierIn(provider, SYSTEMS.ssn)?.replaceAll('-', '')
  if (!/^\d{9}$/.test(ein ?? ssn ?? ''))
    faults.push({
      edit: 'billing-tax-id-missing',
      at: `${type}.identifier`,
      what: `who bills has no tax id of nine digits: an EIN (${SYSTEMS.ein}), or on a professional claim an SSN`,
    })
  const address =
    objectAt(provider, 'address') ?? objectsAt(provider, 'address').find((one) => one['use'] !== 'old')
  const isWhole =
    textsAt(address, 'line').length > 0 &&
    ['city', 'state', 'postalCode'].every((part) => textAt(address, part) !== undefined)
  if (!isWhole)
    faults.push({
      edit: 'billing-address-missing',
      at: `${type}.address`,
      what: 'who bills has no address with line, city, state and postal code',
    })
  return faults
}

function npiFault(resource: Resource, missing: EditCode, invalid: EditCode, who: string): Fault[] {
  const at = `${resource.resourceType}.identifier`
  const npi = identifierIn(resource, SYSTEMS.npi)
  if (npi === undefined) return [{ edit: missing, at, what: `${who} has no NPI (${SYSTEMS.npi})` }]
  return isNpi(npi) ? [] : [{ edit: invalid, at, what: `the NPI of ${who} is none: ${NPI_FAULT}` }]
}

/** Whether the 837 tells the taxonomy of this role. */
function isTold({ role }: CheckedMember, kind: ClaimUnderCheck['kind']): boolean {
  return kind === 'institutional' ? role === 'attending' : isRendering(role)
}

function isRendering(role: string | undefined): boolean {
  return role === 'rendering' || role === 'primary'
}

/** Whom the line names, else the first of the claim. */
function renderingOf({ careTeam, kind }: ClaimUnderCheck, line: BilledLine): CheckedMember | undefined {
  const those = careTeam.filter(
    ({ role }) => isRendering(role) || (kind === 'institutional' && role === 'attending'),
  )
  return those.find(({ sequence }) => line.careTeam.includes(sequence)) ?? those[0]
}
