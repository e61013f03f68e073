// The care team of a FHIR Claim as the providers of an 837, and the provider who bills.
import type { JsonObject, Resource } from '../../../fhir/index.ts'
import { required, unwritable } from '../fault.ts'
import { CARE_TEAM_ROLES, type ClaimBundle } from './claim-bundle.ts'
import { SYSTEMS } from '../../systems.ts'
import { ROLES, type BillingProvider, type ClaimKind, type Provider, type ProviderRole } from './content.ts'
import { codeIn, identifierIn, objectAt, objectsAt } from '../../elements.ts'
import { providerOf } from './parties-of.ts'

interface ClaimProviders {
  readonly providers: Partial<Record<ProviderRole, Provider>>
  /** Rendering providers that a line may name instead of the claim's, by their sequence. */
  readonly rendering: ReadonlyMap<number, Provider | undefined>
}

/** The first rendering provider is the claim's; later ones are those of lines. */
export function providersOf(bundle: ClaimBundle, kind: ClaimKind, billing: BillingProvider): ClaimProviders {
  const providers: Partial<Record<ProviderRole, Provider>> = {}
  const rendering = new Map<number, Provider | undefined>()
  for (const [index, member] of objectsAt(bundle.claim, 'careTeam').entries()) {
    const expression = `Claim.careTeam[${index}]`
    const role = roleOf(member, kind, expression)
    const sequence = Number(member.sequence)
    const resource = required(bundle.careTeam[sequence], `${expression}.provider`, 'is not at hand')
    const taxonomy = codeIn(objectAt(member, 'qualification'), SYSTEMS.nucc)
    const provider = tellable(providerOf(resource, false, taxonomy), kind, role)
    if (role === '82') {
      const first = rendering.size === 0
      const isBilling = provider.id !== undefined && provider.id === billing.id
      if (first && !isBilling) providers['82'] = provider
      rendering.set(sequence, first ? undefined : provider)
    } else if (providers[role] === undefined) providers[role] = provider
    else throw unwritable(expression, 'has a role that may be on a claim once only')
  }
  return { providers, rendering }
}

function roleOf(member: JsonObject, kind: ClaimKind, expression: string): ProviderRole {
  const code = codeIn(objectAt(member, 'role'), SYSTEMS.careTeamRole)
  const role = code === 'primary' ? '82' : CARE_TEAM_ROLES[code as keyof typeof CARE_TEAM_ROLES]
  if (role === undefined || !ROLES[kind].includes(role))
    throw unwritable(`${expression}.role`, `is none that a ${kind} claim has`)
  return role
}

function tellable(provider: Provider, kind: ClaimKind, role: ProviderRole): Provider {
  const told = kind === 'professional' ? role === '82' : role === '71'
  if (told || provider.taxonomy === undefined) return provider
  const { taxonomy: _, ...rest } = provider
  return rest
}

/** With the tax id that an 837 must tell: an EIN, or on a professional claim an SSN. */
export function billingProviderOf(resource: Resource, kind: ClaimKind): BillingProvider {
  const at = (element: string) => `${resource.resourceType}.${element}`
  const provider = providerOf(resource, true)
  if (provider.address === undefined) throw unwritable(at('address'), 'is required of a billing provider')
  if (kind === 'institutional' && provider.person)
    throw unwritable('Claim.provider', 'must be an organization on an institutional claim')
  const ein = identifierIn(resource, SYSTEMS.ein)?.replace('-', '')
  const ssn = kind === 'institutional' ? undefined : identifierIn(resource, SYSTEMS.ssn)?.replaceAll('-', '')
  const value = ein ?? ssn
  if (!/^\d{9}$/.test(value ?? ''))
    throw unwritable(
      at('identifier'),
      'must have a tax id of nine digits: EIN, or SSN on a professional claim',
    )
  return { ...provider, taxId: { qualifier: ein === undefined ? 'SY' : 'EI', value: value as string } }
}
