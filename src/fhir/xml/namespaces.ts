// The namespaces of FHIR's XML (https://hl7.org/fhir/R4/xml.html).

export const FHIR_NAMESPACE = 'http://hl7.org/fhir'
export const XHTML_NAMESPACE = 'http://www.w3.org/1999/xhtml'
export const SCHEMA_INSTANCE_NAMESPACE = 'http://www.w3.org/2001/XMLSchema-instance'
export const XMLNS_NAMESPACE = 'http://www.w3.org/2000/xmlns/'
