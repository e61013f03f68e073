// Narrative: what XHTML is let in, and what is not (txt-1, txt-2).
import * as fc from 'fast-check'
import t from 'tap'
import { loadDefinitions, writeXml } from '../../../src/fhir/index.ts'
import { check, patient, validate } from './checking.ts'

const narrative = (div: string) => patient({ text: { status: 'generated', div } })

t.test('narrative', async (t) => {
  const div = (content: string) => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`
  for (const right of [
    'text',
    '<p>a</p><br/><hr /><table class="grid" border="1"><tr><td colspan="2" style="color: red">x</td></tr></table>',
    '<!-- note -->a &amp; b &lt; &#169; &#x2014;',
    '<a href="http://example.org">a</a><a name="b">b</a><a href="#b">c</a><img src="#photo" alt="x"/>',
    '<img src="data:image/png;base64,QUJD" alt="x"/>',
    '<p xml:lang="de">ß</p>',
    `${'<b>'.repeat(199)}x${'</b>'.repeat(199)}`,
    "<b title='a > b]]>'>x</b><!-- ]]> -->",
    '<p\n\tclass = "a"\r>&#9;&#10;&#x10FFFF;]] > ]&gt;</p >',
  ])
    check(t, right.slice(0, 80), narrative(div(right)))
  check(t, 'space around it', narrative(`\n${div('x')}\n`))
  const wrong: [content: string, what: RegExp][] = [
    ['<script>alert(1)</script>', /holds <script>, which no narrative may have \(txt-1\)/],
    ['<SCRIPT>x</SCRIPT>', /holds <SCRIPT>, which no narrative/],
    ['<iframe src="x"></iframe>', /holds <iframe>/],
    ['<form><input/></form>', /holds <form>/],
    ['<style>p {}</style>', /holds <style>/],
    ['<svg></svg>', /holds <svg>, which is not among the elements/],
    ['<P>a</P>', /holds <P>/],
    ['<p onclick="x()">a</p>', /has the attribute onclick on <p>/],
    ['<img src="x" onerror="y"/>', /attribute onerror/],
    ['<a href="javascript:alert(1)">a</a>', /active content in the attribute href of <a>/],
    ['<a href="java&#115;cript:alert(1)">a</a>', /active content/],
    ['<a href=" jAva\nscript:alert(1)">a</a>', /active content/],
    ['<a href="data:text/html,x">a</a>', /active content/],
    ['<img src="data:image/svg+xml;base64,QUJD"/>', /active content/],
    ['<p style="width: expression(alert(1))">a</p>', /active content in the attribute style/],
    ['<p>a', /<\/div> stands where <\/p> should/],
    ['<p><b>a</p></b>', /<\/p> stands where <\/b> should/],
    ['a<br>b', /<\/div> stands where <\/br> should/],
    ['a & b', /& must be written &amp;/],
    ['a&nbsp;b', /&nbsp; is an entity of HTML alone/],
    ['<p class=a>x</p>', /no well-formed tag/],
    ['<p class="a" class="b">x</p>', /has the attribute class twice/],
    ['a < b', /no well-formed tag/],
    ['<![CDATA[x]]>', /no well-formed tag/],
    ['<?php x ?>', /no well-formed tag/],
    ['<!-- a -- b -->x', /comment/],
    [`${'<b>'.repeat(200)}x${'</b>'.repeat(200)}`, /more than 200 levels deep/],
    ['a ]]> b', /\]\]> must be written \]\]&gt;/],
    ['a &#0; b', /&#0; names no character that XML may hold/],
    ['a &#x1F; b', /&#x1F; names no character/],
    ['a &#xD800; b', /&#xD800; names no character/],
    ['a &#65535; b', /&#65535; names no character/],
    ['a &#x110000; b', /&#x110000; names no character/],
    ['<b title="&#11;">a</b>', /&#11; names no character/],
    ['a \uffff b', /U\+FFFE or U\+FFFF/],
    ['<a\u00a0href="#a">a</a>', /no well-formed tag/],
    ['<a href\u3000="#a">a</a>', /no well-formed tag/],
    ['<br\ufeff/>a', /no well-formed tag/],
    ['', /empty: a narrative needs text or an image \(txt-2\)/],
    ['  <p>\n</p>  ', /txt-2/],
    ['<p xmlns="http://www.w3.org/2000/svg">x</p>', /xmlns/],
  ]
  for (const [content, what] of wrong)
    check(t, content.slice(0, 80), narrative(div(content)), ['Patient.text.div', 'value', what])
  for (const [text, what] of [
    ['text', /within one <div>/],
    ['<div>a</div>', /must have xmlns/],
    [`<p xmlns="http://www.w3.org/1999/xhtml">a</p>`, /must be one <div>, not <p>/],
    [`${div('a')}${div('b')}`, /within one <div>/],
    [`${div('a')}b`, /within one <div>/],
    [`${div('a')}</div>`, /nothing is open/],
    ['<div xmlns="http://www.w3.org/1999/xhtml">a', /<div> is never closed/],
    ['<!-- only -->', /within one <div>/],
  ] as [string, RegExp][])
    check(t, text, narrative(text), ['Patient.text.div', 'value', what])
})

t.test('what is let in can be put into XML', async (t) => {
  const definitions = loadDefinitions()
  const pieces =
    '< > / & &#9; &#1; &#xFFFE; &#x1f600; &amp; &lt &nbsp; ]]> ]] <!-- --> - <b> </b> <br/> <br <a href=" " = \' ! ? x'.split(
      ' ',
    )
  const piece = fc.oneof(
    fc.constantFrom(
      ...pieces,
      ' ',
      '\n',
      '\u00a0',
      '\u000b',
      '\ufeff',
      '\uffff',
      '\u0085',
      '<p class="a">x</p>',
    ),
    fc.string({ unit: 'binary', maxLength: 2 }),
  )
  let letIn = 0
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.boolean(), (content, inTag) => {
      const text = content.join('')
      const resource = narrative(
        `<div xmlns="http://www.w3.org/1999/xhtml">${inTag ? `<p${text}>a</p>` : text}</div>`,
      )
      if (validate(resource).length > 0) return
      letIn++
      writeXml(resource, definitions)
    }),
    { numRuns: 1500 },
  )
  t.ok(letIn > 100, `${letIn} were let in`)
})
