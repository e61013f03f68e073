export { openApiDocument, type OpenApiParts } from './document.ts'
