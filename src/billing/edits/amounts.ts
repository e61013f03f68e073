// Amounts that agree with each other to the cent.
import { FhirError, type JsonObject } from '../../fhir/index.ts'
import { objectAt } from '../elements.ts'
import {
  compareMoney,
  moneyAt,
  printMoney,
  quantityTimesToTheCent,
  roundToTheCent,
  sumMoney,
  writtenDecimal,
  type Money,
} from '../money.ts'
import type { Edit } from './claim-under-check.ts'
import type { EditCode, Fault } from './finding.ts'

export const AMOUNTS: Edit = ({ claim, lines }) => {
  const nets: (Money | undefined)[] = []
  const faults: Fault[] = []
  for (const { at, item, name } of lines) {
    const net = read('net-not-product', `${at}.net`, () => moneyOf(item, 'net', `${at}.net`), faults)
    nets.push(net)
    const price = objectAt(item, 'unitPrice')
    if (net === undefined || price === undefined) continue
    const product = read('net-not-product', `${at}.unitPrice`, () => productOf(item, at), faults)
    if (product !== undefined && compareMoney(product, roundToTheCent(net)) !== 0)
      faults.push({
        edit: 'net-not-product',
        at: `${at}.net`,
        what: `${name} is ${printMoney(net)}, and its units times its price are ${printMoney(product)}`,
      })
  }
  const total = read('total-not-sum', 'Claim.total', () => moneyOf(claim, 'total', 'Claim.total'), faults)
  if (total === undefined || nets.includes(undefined)) return faults
  const sum = sumMoney(nets.filter((net) => net !== undefined))
  if (compareMoney(total, sum) !== 0)
    faults.push({
      edit: 'total-not-sum',
      at: 'Claim.total',
      what: `the total is ${printMoney(total)}, and the sum of the lines is ${printMoney(sum)}`,
    })
  return faults
}

function productOf(item: JsonObject, at: string): Money {
  const quantity = objectAt(item, 'quantity')
  const units = quantity === undefined ? '1' : writtenDecimal(quantity, 'value', `${at}.quantity.value`)
  const factored =
    item['factor'] === undefined
      ? moneyOf(item, 'unitPrice', `${at}.unitPrice`)
      : quantityTimesToTheCent(
          moneyOf(item, 'unitPrice', `${at}.unitPrice`),
          writtenDecimal(item, 'factor', `${at}.factor`),
          `${at}.factor`,
        )
  return quantityTimesToTheCent(factored, units, `${at}.quantity.value`)
}

function moneyOf(holder: JsonObject, key: string, element: string): Money {
  return moneyAt(objectAt(holder, key) ?? {}, 'value', `${element}.value`)
}

/** undefined, and a fault, where it is no amount. */
function read(edit: EditCode, at: string, money: () => Money, faults: Fault[]): Money | undefined {
  try {
    return money()
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    faults.push({ edit, at, what: (error.issues[0]?.diagnostics ?? 'it is no amount').replace(/\.$/, '') })
    return undefined
  }
}
