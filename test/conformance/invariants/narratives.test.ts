// txt-1 and txt-2 against the fhirpath library's htmlChecks(): what a narrative may hold (https://hl7.org/fhir/R4/narrative.html).
import t from 'tap'
import { xhtmlFault } from '../../../src/conformance/validation/xhtml.ts'
import { newOracle } from './oracle.ts'

const NARRATIVES = [
  '<div xmlns="http://www.w3.org/1999/xhtml"><p>a</p></div>',
  '<div><p class="x" id=\'y\'>a &amp; b &#160; &#xA0;<br/></p><!-- a comment --></div>',
  ' <div><table border="1"><tr><td nowrap="nowrap">a</td></tr></table></div>\n',
  '<div><a href="http://example.org">a</a><a name="b"/></div>',
  '<div><img src="#b" alt="c"/></div>',
  '<div xmlns="http://www.w3.org/1999/xhtml">a<div>b</div></div>',
  '<div> \u00a0 </div>',
  '<div> \n\t </div>',
  '<div/>',
  '<div></div>',
  '',
  'text',
  '<p>a</p>',
  '<div>a</div><div>b</div>',
  '<div>a</div>b',
  '<div>a',
  '<div><p>a</div></p>',
  '<div><script>alert(1)</script>a</div>',
  '<div><p onclick="alert(1)">a</p></div>',
  '<div><iframe src="http://example.org"/>a</div>',
  '<div><form><input name="a"/></form></div>',
  '<div><p class=x>a</p></div>',
  '<div><p class="a" class="b">a</p></div>',
  '<div xmlns="http://example.org">a</div>',
  '<div>a &nbsp; b</div>',
  '<div>a & b</div>',
  '<div title="a & b">c</div>',
  '<div>a < b</div>',
  '<div><!-- a -- b --></div>',
  '<div><![CDATA[a]]></div>',
  '<?xml version="1.0"?><div>a</div>',
  '<!DOCTYPE html><div>a</div>',
  '<DIV>a</DIV>',
]

t.test('a narrative is accepted where htmlChecks() holds', (t) => {
  const oracle = newOracle()
  for (const narrative of NARRATIVES) {
    // The library asks for no namespace; R4's narratives have it.
    const div = narrative.replace(/<div(?![^>]*xmlns)/, '<div xmlns="http://www.w3.org/1999/xhtml"')
    const expected = oracle(div, 'Narrative.div', 'htmlChecks()', { resource: {}, rootResource: {} }, false)
    const fault = xhtmlFault(div)
    t.equal(fault === undefined, expected, `${JSON.stringify(div)}: ${fault ?? 'right'}`)
  }
  t.end()
})
