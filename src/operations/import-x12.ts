// $import-x12: reads what payers answer, as it is posted or as the transport has received it.
import { importReceived, importX12, type ImportedFile, type ImportReport } from '../billing/index.ts'
import { FhirError, operationOutcome } from '../fhir/index.ts'
import { count, group, parameters, text, type Parameter } from './answer-parameters.ts'
import { callerView } from './caller-view.ts'
import { BY_POST, type Operation, type OperationAnswer, type OperationCall } from './operation.ts'
import { refused, refuseOthers, single } from './parameters.ts'
import { postedPart } from './posted-part.ts'

export const IMPORT_X12: Operation = {
  name: 'import-x12',
  type: '',
  levels: { system: BY_POST },
  takesResource: [],
  structured: { names: ['file'] },
  takesX12: true,
  affectsState: true,
  answers: 'Parameters',
  definition: 'https://alcove.health/fhir/OperationDefinition/import-x12',
  summary:
    'Reads X12 files of payers: 999 and 277CA bring claims further, an 835 makes ClaimResponse, ExplanationOfBenefit and PaymentReconciliation, 271 and 278 answer questions about coverage and authorization, and what is refused or denied becomes Tasks. The same file twice changes nothing. Without a file, those that the transport has received.',
  parameters: [
    {
      name: 'file',
      documentation:
        'The file, as base64 or in a Binary; it may also be the body itself, as application/edi-x12. Without it, the files that have been received are read.',
    },
  ],
  run,
}

async function run(call: OperationCall): Promise<OperationAnswer> {
  const { repository, billing, now } = call
  if (billing === undefined) throw new FhirError('not-implemented', 'This server does not bill.')
  const view = callerView(repository)
  const bytes = postedFile(call)
  if (bytes === undefined) {
    // Of claims that are hidden from who reads a file nothing would be known, and the file would be done all the same.
    if (!repository.seesEverything)
      throw new FhirError(
        'forbidden',
        'Only who may see everything reads what has been received: post a file.',
      )
    const files = await importReceived(repository, view, billing, now)
    return { kind: 'resource', resource: parameters(files.map(fileParameter)) }
  }
  const report = await importX12(repository, view, billing, bytes, now)
  return { kind: 'resource', resource: parameters(reportParameters(report)) }
}

/** undefined when none is posted. @throws FhirError `invalid`, `invalid-search` */
function postedFile(call: OperationCall): Buffer | undefined {
  const own = refuseOthers(call.pairs, ['file'], call.handling)
  const written = single(own, 'file')
  const binary = postedPart(call, 'file', 'Binary')
  const given = [call.x12, written, binary].filter((one) => one !== undefined)
  if (given.length > 1) throw refused('file', 'one file is read at a time.')
  if (call.x12 !== undefined) return call.x12
  const base64 = binary === undefined ? written : binary['data']
  if (binary !== undefined && typeof base64 !== 'string') throw refused('file', 'the Binary has no data.')
  return typeof base64 === 'string' ? decoded(base64) : undefined
}

/** Node passes over what is no base64. */
function decoded(base64: string): Buffer {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.toString('base64') !== base64.replaceAll(/\s/g, '')) throw refused('file', 'it must be base64.')
  return bytes
}

function fileParameter({ name, report, faults }: ImportedFile): Parameter {
  return group('file', [
    ...text('name', 'String', name),
    ...(report === undefined ? issuesParameter(faults) : reportParameters(report)),
  ])
}

function reportParameters({ sets, claims, payments, unmatched, faults }: ImportReport): readonly Parameter[] {
  return [
    ...Object.entries(sets).map(([id, found]) =>
      group('set', [...text('kind', 'Code', id), count('count', found)]),
    ),
    ...Object.entries(claims).map(([outcome, found]) =>
      group('claims', [...text('outcome', 'Code', outcome), count('count', found)]),
    ),
    ...payments.map((reference) => ({ name: 'payment', valueReference: { reference } })),
    ...unmatched.map(({ set, controlNumber }) =>
      group('unmatched', [...text('kind', 'Code', set), ...text('controlNumber', 'String', controlNumber)]),
    ),
    ...issuesParameter(faults),
  ]
}

function issuesParameter(faults: ImportReport['faults']): readonly Parameter[] {
  return faults.length === 0 ? [] : [{ name: 'faults', resource: operationOutcome(faults) }]
}
