// Supporting information and procedures of an institutional FHIR Claim that an 837 tells in its HI segments.
import { required } from '../fault.ts'
import type { Resource } from '../../../fhir/index.ts'
import { x12Code } from '../characters.ts'
import { chargeAt } from '../values.ts'
import { SYSTEMS } from '../../systems.ts'
import type { ClaimContent } from './content.ts'
import { codeIn, hasCode, informationOf, objectAt, objectsAt, textAt } from '../../elements.ts'
import { wholeDay } from './dates-of.ts'

export function informationCodes(
  claim: Resource,
): Pick<ClaimContent, 'procedures' | 'drg' | 'values' | 'conditions'> {
  const at = 'Claim.supportingInfo'
  const drg = codeIn(objectAt(informationOf(claim, 'drg')[0], 'code'), SYSTEMS.drg)
  const infos = informationOf(claim, 'info')
  const codes = (system: string) =>
    infos.flatMap((one) => {
      const code = codeIn(objectAt(one, 'code'), system)
      return code === undefined ? [] : [{ one, code: x12Code(code, 3, at) }]
    })
  return {
    procedures: objectsAt(claim, 'procedure').map((one, index) => {
      const expression = `Claim.procedure[${index}]`
      const code = codeIn(objectAt(one, 'procedureCodeableConcept'), SYSTEMS.icd10pcs)
      const types = objectsAt(one, 'type')
      return {
        principal: types.length === 0 ? index === 0 : types.some((type) => hasCode(type, 'primary')),
        code: x12Code(required(code, expression, 'must be coded in ICD-10-PCS'), 7, expression),
        date: wholeDay(textAt(one, 'date'), `${expression}.date`),
      }
    }),
    ...(drg === undefined ? {} : { drg: x12Code(drg, 4, at) }),
    values: codes(SYSTEMS.value).map(({ one, code }) => ({
      code,
      amount: chargeAt(objectAt(one, 'valueQuantity'), 'value', `${at}.valueQuantity.value`),
    })),
    conditions: codes(SYSTEMS.condition).map(({ code }) => code),
  }
}
