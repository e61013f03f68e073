// Reads an 835 segment by segment.
import type { TransactionSet } from '../envelope.ts'
import { SetReader } from '../loops.ts'
import type { Segment } from '../segments.ts'
import { readAmount, readAmountIfAny, readDate, readQuantity } from '../values.ts'
import type {
  Adjustment,
  PaidClaim,
  PaidLine,
  ProviderAdjustment,
  Reference,
  Remittance,
  RemittanceParty,
} from './remittance.ts'

/** 400, naming segment and element, for what is no 835. Names of people and contacts, and totals by provider, are passed over. */
export function readRemittance(set: TransactionSet): Remittance {
  if (set.id !== '835') throw set.start.fault(1, undefined, 'must be 835')
  const reader = new SetReader(set)
  const payment = reader.need('BPR')
  const trace = reader.need('TRN')
  reader.take('CUR')
  reader.takeAll('REF')
  const produced = reader.take('DTM', ['405'])
  const payer = readParty(reader, 'PR')
  const payee = readParty(reader, 'PE')
  const claims: PaidClaim[] = []
  while (reader.take('LX') !== undefined) {
    reader.take('TS3')
    reader.take('TS2')
    while (reader.peek('CLP') !== undefined) claims.push(readClaim(reader))
  }
  const providerAdjustments = reader.takeAll('PLB').flatMap(readProviderAdjustments)
  reader.end()
  const amount = readAmount(payment, 2)
  return {
    handling: payment.need(1),
    paid: payment.oneOf(3, ['C', 'D']) === 'D' && amount > 0n ? (-amount as typeof amount) : amount,
    method: payment.need(4),
    date: readDate(payment, 16),
    trace: trace.need(2),
    ...optionalText('traceOrigin', trace.at(3)),
    ...(produced === undefined ? {} : { produced: readDate(produced, 2) }),
    payer,
    payee,
    claims,
    providerAdjustments,
  }
}

function readParty(reader: SetReader, entity: string): RemittanceParty {
  const name = reader.need('N1', [entity])
  reader.take('N3')
  reader.take('N4')
  const references = readReferences(reader)
  reader.takeAll('PER')
  reader.takeAll('RDM')
  return {
    ...optionalText('name', name.at(2)),
    ...optionalText('idQualifier', name.at(3)),
    ...optionalText('id', name.at(4)),
    references,
  }
}

function readClaim(reader: SetReader): PaidClaim {
  const clp = reader.need('CLP')
  const adjustments = reader.takeAll('CAS').flatMap(readAdjustments)
  reader.takeAll('NM1')
  const remarks = readOutcomeRemarks(reader)
  const references = readReferences(reader)
  const dates = readDates(reader)
  reader.takeAll('PER')
  const amounts = readAmounts(reader)
  reader.takeAll('QTY')
  const lines: PaidLine[] = []
  while (reader.peek('SVC') !== undefined) lines.push(readLine(reader))
  const responsibility = readAmountIfAny(clp, 5)
  return {
    position: clp.position,
    controlNumber: clp.need(1),
    status: clp.need(2),
    charged: readAmount(clp, 3),
    paid: readAmount(clp, 4),
    ...(responsibility === undefined ? {} : { patientResponsibility: responsibility }),
    ...optionalText('filingIndicator', clp.at(6)),
    ...optionalText('payerControlNumber', clp.at(7)),
    ...optionalText('place', clp.at(8)),
    ...optionalText('frequency', clp.at(9)),
    adjustments,
    remarks,
    references,
    dates,
    amounts,
    lines,
  }
}

/** MIA has its remark codes in 05 and 20 to 23, MOA in 03 to 07. */
function readOutcomeRemarks(reader: SetReader): readonly string[] {
  const remarks: string[] = []
  const collect = (segment: Segment | undefined, indices: readonly number[]) => {
    for (const index of indices) {
      const code = segment?.at(index) ?? ''
      if (code !== '') remarks.push(code)
    }
  }
  collect(reader.take('MIA'), [5, 20, 21, 22, 23])
  collect(reader.take('MOA'), [3, 4, 5, 6, 7])
  return remarks
}

function readLine(reader: SetReader): PaidLine {
  const svc = reader.need('SVC')
  const dates = readDates(reader)
  const adjustments = reader.takeAll('CAS').flatMap(readAdjustments)
  const references = readReferences(reader)
  const amounts = readAmounts(reader)
  reader.takeAll('QTY')
  const remarks = reader.takeAll('LQ', ['HE']).map((one) => one.need(2))
  const modifiers = [3, 4, 5, 6].map((part) => svc.at(1, part)).filter((code) => code !== '')
  return {
    position: svc.position,
    codeQualifier: svc.need(1, 1),
    code: svc.need(1, 2),
    modifiers,
    charged: readAmount(svc, 2),
    paid: readAmount(svc, 3),
    ...optionalText('revenue', svc.at(4)),
    quantity: svc.at(5) === '' ? '1' : readQuantity(svc, 5),
    ...(svc.at(6) === '' ? {} : { chargedCode: svc.need(6, 2) }),
    dates,
    adjustments,
    ...optionalText('controlNumber', references.find((one) => one.qualifier === '6R')?.value ?? ''),
    references,
    amounts,
    remarks,
  }
}

/** A group, then up to six times a reason, an amount and perhaps a quantity. */
function readAdjustments(segment: Segment): Adjustment[] {
  const group = segment.oneOf(1, ['CO', 'OA', 'PI', 'PR'])
  const adjustments: Adjustment[] = []
  for (let index = 2; index === 2 || index <= segment.length; index += 3) {
    if (index > 17) throw segment.fault(index, undefined, 'is a reason too many')
    adjustments.push({
      group,
      reason: segment.need(index),
      amount: readAmount(segment, index + 1),
      ...(segment.at(index + 2) === '' ? {} : { quantity: readQuantity(segment, index + 2) }),
    })
  }
  return adjustments
}

/** The provider and the period, then up to six times a reason and an amount. */
function readProviderAdjustments(segment: Segment): ProviderAdjustment[] {
  const [provider, period] = [segment.need(1), readDate(segment, 2)]
  const adjustments: ProviderAdjustment[] = []
  for (let index = 3; index === 3 || index <= segment.length; index += 2) {
    if (index > 13) throw segment.fault(index, undefined, 'is a reason too many')
    adjustments.push({
      position: segment.position,
      provider,
      period,
      reason: segment.need(index, 1),
      ...optionalText('reference', segment.at(index, 2)),
      amount: readAmount(segment, index + 1),
    })
  }
  return adjustments
}

function readReferences(reader: SetReader): readonly Reference[] {
  return reader.takeAll('REF').map((one) => ({ qualifier: one.need(1), value: one.need(2) }))
}

function readDates(reader: SetReader): PaidLine['dates'] {
  return reader.takeAll('DTM').map((one) => ({ qualifier: one.need(1), date: readDate(one, 2) }))
}

function readAmounts(reader: SetReader): PaidLine['amounts'] {
  return reader.takeAll('AMT').map((one) => ({ qualifier: one.need(1), amount: readAmount(one, 2) }))
}

function optionalText<K extends string>(key: K, text: string): { readonly [key in K]?: string } {
  return (text === '' ? {} : { [key]: text }) as { readonly [key in K]?: string }
}
