// Which characters XML 1.0 can hold, and how they are written (https://www.w3.org/TR/xml/#charsets).

// What a well-formed string may hold beyond XML: control characters, and two that Unicode never assigns.
// oxlint-disable-next-line no-control-regex -- it is these that are sought
const NO_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/u
// oxlint-disable-next-line no-control-regex -- as above
const NO_XML_ANYWHERE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/gu
const SPECIAL_IN_ATTRIBUTE = /[&<>"\t\n\r]/g
const SPECIAL_IN_TEXT = /[&<>\r]/g
const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A reader of XML would make a space of these, or nothing.
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

/** Whether XML can say this text at all. */
export function isXmlText(text: string): boolean {
  return text.isWellFormed() && !NO_XML.test(text)
}

/** The text with what XML cannot hold written as JSON escapes it: `\uffff`. For messages, not for records. */
export function toXmlText(text: string): string {
  if (isXmlText(text)) return text
  return text
    .toWellFormed()
    .replace(NO_XML_ANYWHERE, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** What stands between the double quotes of an attribute. */
export function escapeAttribute(text: string): string {
  return text.replace(SPECIAL_IN_ATTRIBUTE, (it) => REFERENCES[it] as string)
}

/** What stands between tags. */
export function escapeText(text: string): string {
  return text.replace(SPECIAL_IN_TEXT, (it) => REFERENCES[it] as string)
}
