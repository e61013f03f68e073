// Names, shapes, cardinality, choices and nulls, one fault at a time.
import t from 'tap'
import type { Resource } from '../../../src/fhir/index.ts'
import { check, extended, observation, patient, validate, validator } from './checking.ts'

t.test('structure', async (t) => {
  check(t, 'nothing but a type', { resourceType: 'Patient' })
  check(t, 'no type', {}, ['Resource', 'required', /resourceType/])
  check(t, 'a type of another version', { resourceType: 'Patent' }, [
    'Patent',
    'structure',
    /Did you mean Patient\?/,
  ])
  check(t, 'an abstract type', { resourceType: 'DomainResource' }, [
    'DomainResource',
    'structure',
    /no resource type of R4/,
  ])
  check(t, 'a type that is a number', { resourceType: 3 }, ['Resource', 'structure', /3 is no resource type/])
  check(t, 'a prototype name as type', { resourceType: 'constructor' }, [
    'constructor',
    'structure',
    /no resource/,
  ])

  check(t, 'an unknown element', patient({ brithDate: '1980-01-01' }), [
    'Patient.brithDate',
    'structure',
    /Patient has no element brithDate\. Did you mean birthDate\?/,
  ])
  check(t, 'an unknown element within', patient({ name: [{ famly: 'Duck' }] }), [
    'Patient.name[0].famly',
    'structure',
    /HumanName has no element famly\. Did you mean family\?/,
  ])
  check(t, 'an element of nothing like it', patient({ xyzzy: 1 }), [
    'Patient.xyzzy',
    'structure',
    /^Patient has no element xyzzy\.$/,
  ])
  check(t, 'a name of Object.prototype', patient({ constructor: 1 }), [
    'Patient.constructor',
    'structure',
    /no element constructor/,
  ])
  t.match(validator.validate(JSON.parse('{"resourceType":"Patient","__proto__":{"a":1}}')), [
    { expression: 'Patient.__proto__', code: 'structure', diagnostics: /no element __proto__/ },
  ])
  check(t, 'resourceType in a datatype', patient({ name: [{ resourceType: 'HumanName', text: 'x' }] }), [
    'Patient.name[0].resourceType',
    'structure',
    /HumanName has no element resourceType/,
  ])
  check(t, 'an element that is called resourceType', {
    resourceType: 'ExampleScenario',
    status: 'draft',
    instance: [{ resourceId: 'a', resourceType: 'Patient' }],
  })

  check(t, 'an object for an array', patient({ name: { text: 'x' } }), [
    'Patient.name',
    'structure',
    /name repeats: it must be an array/,
  ])
  check(t, 'an array for an object', patient({ maritalStatus: [{ text: 'x' }] }), [
    'Patient.maritalStatus',
    'structure',
    /maritalStatus does not repeat/,
  ])
  check(t, 'a string for an object', patient({ maritalStatus: 'married' }), [
    'Patient.maritalStatus',
    'structure',
    /must be an object \(CodeableConcept\), not "married"/,
  ])
  check(t, 'an object for a string', patient({ birthDate: {} }), [
    'Patient.birthDate',
    'structure',
    /must be a string \(date\), not an object/,
  ])
  check(t, 'a string for a boolean', patient({ active: 'true' }), [
    'Patient.active',
    'structure',
    /must be a boolean \(boolean\), not "true"/,
  ])
  check(t, 'a string for a number', observation({ valueInteger: '3' }), [
    'Observation.value',
    'structure',
    /valueInteger must be a number \(integer\), not "3"/,
  ])
  check(t, 'a number for a string', patient({ language: 3 }), [
    'Patient.language',
    'structure',
    /must be a string/,
  ])
  check(t, 'an array in an array', patient({ name: [[{ text: 'x' }]] }), [
    'Patient.name[0]',
    'structure',
    /must be an object \(HumanName\), not an array/,
  ])
  check(t, 'null', patient({ birthDate: null }), [
    'Patient.birthDate',
    'structure',
    /null may not stand here/,
  ])
  check(t, 'null among objects', patient({ name: [{ text: 'x' }, null] }), [
    'Patient.name[1]',
    'structure',
    /null may not stand here\.$/,
  ])
  check(t, 'an empty array', patient({ name: [] }), ['Patient.name', 'structure', /array may not be empty/])
  check(t, 'an empty string', patient({ birthDate: '' }), [
    'Patient.birthDate',
    'structure',
    /string may not be empty/,
  ])
  check(t, 'an empty object', patient({ maritalStatus: {} }), [
    'Patient.maritalStatus',
    'invariant',
    /^ele-1: /,
  ])
  check(t, 'an object with an id alone', patient({ maritalStatus: { id: 'a' } }), [
    'Patient.maritalStatus',
    'invariant',
    /^ele-1: /,
  ])
})

t.test('cardinality', async (t) => {
  check(t, 'a missing element', { resourceType: 'Observation', code: { text: 'x' } }, [
    'Observation.status',
    'required',
    /Observation must have status \(at least 1\)/,
  ])
  check(t, 'one missing in a backbone', patient({ communication: [{ preferred: true }] }), [
    'Patient.communication[0].language',
    'required',
    /Patient\.communication must have language/,
  ])
  check(t, 'a missing array', { resourceType: 'OperationOutcome' }, [
    'OperationOutcome.issue',
    'required',
    /issue/,
  ])
  check(
    t,
    'a missing choice',
    {
      resourceType: 'MedicationRequest',
      status: 'active',
      intent: 'order',
      subject: { reference: 'Patient/1' },
    },
    ['MedicationRequest.medication', 'required', /one of medicationCodeableConcept, medicationReference/],
  )
  check(t, 'an extension that says why a value is missing', {
    resourceType: 'Observation',
    code: { text: 'x' },
    _status: { extension: [{ url: 'http://example.org/why', valueCode: 'unknown' }] },
  })
  check(
    t,
    'required deep in the same type',
    {
      resourceType: 'Questionnaire',
      status: 'active',
      item: [{ linkId: '1', type: 'group', item: [{ type: 'string' }] }],
    },
    ['Questionnaire.item[0].item[0].linkId', 'required', /Questionnaire\.item must have linkId/],
  )
})

t.test('choices', async (t) => {
  check(t, 'two types at once', observation({ valueString: 'a', valueInteger: 3 }), [
    'Observation.value',
    'structure',
    /value\[x\] may have one type only, but valueString and valueInteger are there/,
  ])
  check(
    t,
    'a value and another type’s sibling',
    observation({
      valueString: 'a',
      _valueInteger: { id: 'x', extension: [{ url: 'http://example.org', valueCode: 'a' }] },
    }),
    ['Observation.value', 'structure', /valueString and valueInteger/],
  )
  check(
    t,
    'a value and its own sibling',
    observation({
      valueString: 'a',
      _valueString: { id: 'x', extension: [{ url: 'http://example.org', valueCode: 'a' }] },
    }),
  )
  check(
    t,
    'the sibling first',
    observation({
      _valueString: { extension: [{ url: 'http://example.org', valueCode: 'a' }] },
      valueString: 'a',
    }),
  )
  check(t, 'a type that is not allowed', patient({ deceasedString: 'yes' }), [
    'Patient.deceasedString',
    'structure',
    /not how Patient\.deceased\[x\] may be written: deceasedBoolean, deceasedDateTime/,
  ])
  check(t, 'the bare name', patient({ deceased: true }), [
    'Patient.deceased',
    'structure',
    /may be written: deceasedBoolean, deceasedDateTime/,
  ])
  check(t, 'all types of an extension by name', extended({ valueFoo: 1 }), [
    'Patient.extension[0].valueFoo',
    'structure',
    /valueBase64Binary, .* … \(50 in all\)/,
  ])
})

t.test('primitive siblings and nulls', async (t) => {
  const extension = [{ url: 'http://example.org/x', valueCode: 'a' }]
  check(
    t,
    'aligned arrays',
    patient({ name: [{ given: ['A', null, 'C'], _given: [null, { extension }, null] }] }),
  )
  check(t, 'siblings alone', patient({ name: [{ _given: [{ extension }] }] }))
  check(
    t,
    'arrays of different lengths',
    patient({ name: [{ given: ['A', 'B'], _given: [{ extension }] }] }),
    ['Patient.name[0].given', 'structure', /_given and given must have as many items/],
  )
  check(t, 'null in both', patient({ name: [{ given: ['A', null], _given: [{ extension }, null] }] }), [
    'Patient.name[0].given[1]',
    'structure',
    /null may not stand here unless _given says something/,
  ])
  check(t, 'null without siblings', patient({ name: [{ given: ['A', null] }] }), [
    'Patient.name[0].given[1]',
    'structure',
    /null may not stand here unless _given/,
  ])
  check(t, 'null among lone siblings', patient({ name: [{ _given: [{ extension }, null] }] }), [
    'Patient.name[0].given[1]',
    'structure',
    /null may not stand here unless given/,
  ])
  check(t, 'a sibling with an id alone', patient({ birthDate: '1980', _birthDate: { id: 'b' } }))
  check(t, 'the same without a value', patient({ _birthDate: { id: 'b' } }), [
    'Patient.birthDate',
    'invariant',
    /^ele-1/,
  ])
  check(t, 'an empty sibling', patient({ birthDate: '1980', _birthDate: {} }), [
    'Patient.birthDate',
    'invariant',
    /^ele-1/,
  ])
  check(t, 'a sibling that is no object', patient({ _birthDate: 'x' }), [
    'Patient.birthDate',
    'structure',
    /_birthDate must be an object \(Element\), not "x"/,
  ])
  check(t, 'a value within a sibling', patient({ _birthDate: { value: '1980' } }), [
    'Patient.birthDate.value',
    'structure',
    /Element has no element value/,
  ])
  check(t, 'a sibling of a complex type', patient({ _maritalStatus: { extension } }), [
    'Patient._maritalStatus',
    'structure',
    /may not stand beside maritalStatus/,
  ])
  check(t, 'a sibling of id', patient({ id: 'a', _id: { extension } }), [
    'Patient._id',
    'structure',
    /_id may not stand beside id, whose type has no extensions there/,
  ])
  check(t, 'a fault within a sibling', patient({ _birthDate: { extension: [{ valueCode: 'a' }] } }), [
    'Patient.birthDate.extension[0].url',
    'required',
    /Extension must have url/,
  ])
})

t.test('several faults are all told, in order', async (t) => {
  check(
    t,
    'five faults',
    patient({
      gender: 'Male',
      birthDate: '1980-02-30',
      nmae: [{ text: 'x' }],
      contact: [{ gender: 'male' }],
      link: [{ other: { reference: 'Organization/1' }, type: 'seealso' }],
    }),
    ['Patient.gender', 'code-invalid', /male, female/],
    ['Patient.birthDate', 'value', /a day that exists/],
    ['Patient.nmae', 'structure', /Did you mean name/],
    ['Patient.contact[0]', 'invariant', /^pat-1/],
    ['Patient.link[0].other.reference', 'value', /only to Patient, RelatedPerson/],
  )
  const many = validate(patient({ name: Array.from({ length: 10_000 }, () => ({ foo: 1 })) }))
  t.equal(many.length, 251)
  t.match(many.at(-1), { code: 'incomplete', diagnostics: /more than 250 faults/ })
})

t.test('depth', async (t) => {
  const nest = (levels: number) => {
    let item: object = { linkId: 'x', text: 'x' }
    for (let level = 1; level < levels; level++) item = { linkId: `${level}`, item: [item] }
    return { resourceType: 'QuestionnaireResponse', status: 'completed', item: [item] }
  }
  t.same(validate(nest(90)), [])
  const issues = validator.validate(nest(5000) as unknown as Resource)
  t.equal(issues.length, 1)
  t.match(issues[0], { code: 'structure', diagnostics: /more than 100 levels deep/ })
})
