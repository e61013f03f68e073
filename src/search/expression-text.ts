// A FHIRPath syntax tree as text again (https://hl7.org/fhirpath/N1/).
import type { FhirPathNode } from '../fhir/index.ts'

/** The text means what the tree does: operands that are themselves operations stand in parentheses. */
export function expressionText(node: FhirPathNode): string {
  switch (node.kind) {
    case 'empty':
      return '{}'
    case 'boolean':
      return String(node.value)
    case 'string':
      return `'${escaped(node.value)}'`
    case 'number':
      return node.text
    case 'date':
    case 'dateTime':
    case 'time':
      return `@${node.text}`
    case 'quantity':
      return node.calendar ? `${node.text} ${node.unit}` : `${node.text} '${escaped(node.unit)}'`
    case 'this':
    case 'index':
    case 'total':
      return `$${node.kind}`
    case 'environment':
      return /^[A-Za-z_]\w*$/.test(node.name) ? `%${node.name}` : `%\`${node.name}\``
    case 'member':
      return before(node.input) + (NAME.test(node.name) ? node.name : `\`${escaped(node.name)}\``)
    case 'call':
      return `${before(node.input)}${node.name}(${node.args.map(expressionText).join(', ')})`
    case 'indexer':
      return `${operand(node.input)}[${expressionText(node.index)}]`
    case 'unary':
      return `${node.operator}${operand(node.operand)}`
    case 'binary':
      return `${operand(node.left)} ${node.operator} ${operand(node.right)}`
    case 'type':
      return node.operator === 'is' && node.input !== undefined
        ? `${operand(node.input)} is ${node.type}`
        : `${before(node.input)}${node.operator}(${node.type})`
  }
}

/** A name that may stand without back-ticks. */
const NAME = /^(?!(?:div|mod|and|or|xor|implies|true|false)$)[A-Za-z_]\w*$/

function before(input: FhirPathNode | undefined): string {
  return input === undefined ? '' : `${operand(input)}.`
}

function operand(node: FhirPathNode): string {
  const open =
    node.kind === 'binary' || node.kind === 'unary' || (node.kind === 'type' && node.operator === 'is')
  return open ? `(${expressionText(node)})` : expressionText(node)
}

function escaped(text: string): string {
  return text
    .replace(/[\\'`]/g, '\\$&')
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')
    .replace(/\t/g, '\\t')
}
