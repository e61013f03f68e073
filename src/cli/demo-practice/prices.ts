// What the practice charges: prices put into the rules of billing that ship, as any practice does.
import { parseJson, type Resource } from '../../fhir/index.ts'
import type { Repository } from '../../repository/index.ts'

/** Made up; dollars for one unit, by the code that is billed. */
const PRICES: Readonly<Record<string, number>> = {
  '90791': 210,
  '90832': 95,
  '90834': 130,
  '90837': 175,
  '90853': 55,
  '96127': 6.5,
  '99213': 118,
  '99214': 165,
}

/** Puts a price into each rule of a code that the practice bills. */
export async function setPrices(repository: Repository): Promise<void> {
  for (const [code, value] of Object.entries(PRICES)) {
    const target = { type: 'ChargeItemDefinition', id: `service-${code}` }
    const { body } = await repository.read(target.type, target.id)
    const rule = parseJson(body as Buffer) as Resource
    const propertyGroup = [{ priceComponent: [{ type: 'base', amount: { value, currency: 'USD' } }] }]
    await repository.write({ kind: 'update', target, resource: { ...rule, propertyGroup } })
  }
}
