// Compiles R4's official definitions into the small artefacts that the server ships with: `npm run build:definitions`.
import { buildCodes } from './codes.ts'
import { buildCompartments } from './compartments.ts'
import { buildInvariants } from './invariants.ts'
import { buildSearchParameters } from './search-parameters.ts'
import { buildStructures } from './structures.ts'
import { buildTerminology } from './terminology.ts'

await buildStructures()
await buildCodes()
await buildCompartments()
await buildInvariants()
await buildSearchParameters()
await buildTerminology()
