// What billing is built from, by the settings.
import path from 'node:path'
import {
  createControlNumbers,
  createFolderTransport,
  createMemoryTransport,
  createRuleBooks,
  Icd10Cm,
  type BillingParts,
  type Transport,
} from './billing/index.ts'
import type { Config } from './config.ts'
import { evaluatorOnDemand } from './fhir/index.ts'
import type { Store } from './store/index.ts'

/**
 * @param baseUrl the FHIR base
 * @param profiles the folder of what ships
 */
export function createBilling(
  config: Config,
  {
    store,
    baseUrl,
    profiles,
  }: { readonly store: Store; readonly baseUrl: string; readonly profiles: string },
): BillingParts {
  return {
    baseUrl,
    books: createRuleBooks(evaluatorOnDemand),
    diagnoses: new Icd10Cm(path.join(profiles, 'billing', 'icd-10-cm')),
    numbers: createControlNumbers(store.maintenance),
    transport: transportOf(config),
    settings: {
      draftsClaims: config.draftsClaims,
      noteHours: config.noteHours,
      sender: config.x12Sender,
      receiver: config.x12Receiver,
      isTest: config.x12IsTest,
    },
  }
}

/** Files of a throwaway store are thrown away with it, unless it is said where to. */
function transportOf({ database, x12Folder }: Config): Transport {
  if (x12Folder !== undefined) return createFolderTransport(x12Folder)
  if (database.file === ':memory:') return createMemoryTransport()
  return createFolderTransport(path.join(path.dirname(database.file), 'x12'))
}
