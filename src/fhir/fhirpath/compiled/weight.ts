// SDC's weight() of answers (https://hl7.org/fhir/uv/sdc/STU3/expressions.html#fhirpath-supplements).
import { isJsonObject, type JsonObject, type JsonValue } from '../../resource.ts'
import { isEqual } from './equality.ts'
import { type Item, type Items, Node } from './item.ts'
import { BeyondSubset, type Run } from './run.ts'

/** The extensions that hold a weight, in R4. */
const WEIGHTS: ReadonlySet<string> = new Set([
  'http://hl7.org/fhir/StructureDefinition/itemWeight',
  'http://hl7.org/fhir/StructureDefinition/ordinalValue',
])
const ANSWER = 'QuestionnaireResponse.item.answer'
/** Whose answer options are compared as a whole. */
const COMPLEX = /^value(Attachment|Quantity|Reference)$/

/** One number for each item that has a weight: its own, else that of the answer option that it is, in %questionnaire. */
export function weights(run: Run, items: Items): Items {
  const found: Item[] = []
  for (const item of items) {
    run.spend(1)
    const weight = item instanceof Node ? weightOf(run, item) : undefined
    if (weight !== undefined) found.push(weight)
  }
  return found
}

function weightOf(run: Run, node: Node): number | undefined {
  const { data, shape, parent } = node
  if (shape === undefined) return undefined
  if (shape.path === ANSWER) return isJsonObject(data) ? weightOfAnswer(run, node, data) : undefined
  if (parent?.shape?.path === ANSWER) {
    const property = propertyOf(node, parent)
    if (property !== undefined) return weightOfValue(run, parent, property, data, node.sibling)
    return undefined
  }
  if (shape.path === 'Questionnaire.item.answerOption') return extensionOf(data)
  // A coding elsewhere may have its weight in a CodeSystem.
  if (shape.path === 'Coding' || shape.path.endsWith('.concept') || shape.path.endsWith('.contains')) {
    const own = shape.path === 'Coding' ? extensionOf(data) : undefined
    if (own === undefined) throw new BeyondSubset()
    return own
  }
  return undefined
}

function weightOfAnswer(run: Run, node: Node, answer: JsonObject): number | undefined {
  const property = Object.keys(answer).find((name) => name.length > 5 && name.startsWith('value'))
  if (property === undefined) return undefined
  return weightOfValue(run, node, property, answer[property], answer[`_${property}`])
}

/** `valueCoding`: the property of an answer at which a node stands. */
function propertyOf(node: Node, answer: Node): string | undefined {
  if (!isJsonObject(answer.data)) return undefined
  const { data } = answer
  return Object.keys(data).find((name) => name.startsWith('value') && data[name] === node.data)
}

function weightOfValue(
  run: Run,
  answer: Node,
  property: string,
  value: JsonValue | undefined,
  sibling: JsonValue | undefined,
): number | undefined {
  const own = extensionOf(sibling ?? value)
  if (own !== undefined) return own
  if (value === undefined || value === null) return undefined
  const questionnaire = run.object('questionnaire')
  const item = questionnaire && questionnaireItem(run, questionnaire, linkIdsOf(answer))
  if (item === undefined) throw new BeyondSubset()
  if (COMPLEX.test(property)) throw new BeyondSubset()
  const options = Array.isArray(item['answerOption']) ? item['answerOption'] : []
  run.spend(options.length)
  const option = options.find((each) => isJsonObject(each) && isSameAnswer(run, each[property], value))
  const weight = option === undefined ? undefined : extensionOf(option)
  if (weight !== undefined) return weight
  const hasSystem = isJsonObject(value) && value['system'] !== undefined
  if ((option !== undefined && hasSystem) || item['answerValueSet'] !== undefined) throw new BeyondSubset()
  return undefined
}

/** A coding is known by its system and code. */
function isSameAnswer(run: Run, option: JsonValue | undefined, value: JsonValue): boolean {
  if (option === undefined || option === null) return false
  if (isJsonObject(option) && isJsonObject(value)) {
    return option['code'] === value['code'] && option['system'] === value['system']
  }
  if (typeof option === 'object' || typeof value === 'object') return false
  return isEqual(run, option, value as Item)
}

function extensionOf(element: JsonValue | undefined): number | undefined {
  const extensions = isJsonObject(element) ? element['extension'] : undefined
  if (!Array.isArray(extensions)) return undefined
  const extension = extensions.find((each) => isJsonObject(each) && WEIGHTS.has(each['url'] as string))
  const weight = isJsonObject(extension) ? extension['valueDecimal'] : undefined
  return typeof weight === 'number' ? weight : undefined
}

/** Of the item that is answered, the one around it, and so on outwards, as far as items follow one another. */
function linkIdsOf(answer: Node): readonly string[] {
  const linkIds: string[] = []
  let node = answer.parent
  while (node !== undefined) {
    const linkId = isJsonObject(node.data) ? node.data['linkId'] : undefined
    if (typeof linkId !== 'string') break
    linkIds.push(linkId)
    node = node.parent
  }
  return linkIds
}

/** The outermost item is looked for everywhere, the others below it. */
function questionnaireItem(
  run: Run,
  questionnaire: JsonObject,
  linkIds: readonly string[],
): JsonObject | undefined {
  const outermost = linkIds.at(-1)
  if (outermost === undefined) return undefined
  let level = itemsOf(questionnaire)
  let found: JsonObject | undefined
  while (level.length > 0 && found === undefined) {
    run.spend(level.length)
    found = level.find((item) => item['linkId'] === outermost)
    if (found === undefined) level = level.flatMap(itemsOf)
  }
  for (const linkId of linkIds.slice(0, -1).reverse()) {
    found = found && itemsOf(found).find((item) => item['linkId'] === linkId)
  }
  return found
}

function itemsOf(parent: JsonObject): readonly JsonObject[] {
  const items = parent['item']
  return Array.isArray(items) ? items.filter(isJsonObject) : []
}
