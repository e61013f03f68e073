// References, contained resources and entries, one fault at a time.
import t from 'tap'
import { validator, check, observation, patient } from './checking.ts'

t.test('references', async (t) => {
  const subject = (reference: string, more: object = {}) => observation({ subject: { reference, ...more } })
  for (const right of [
    'Patient/1',
    'Patient/1/_history/2',
    'http://example.org/fhir/Patient/1',
    'http://example.org/anything',
    'urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
    'urn:oid:1.2.3',
    'Patient?identifier=a|b',
  ])
    check(t, right, subject(right))
  check(t, 'a type that is not allowed', subject('Practitioner/1'), [
    'Observation.subject.reference',
    'value',
    /A reference to Practitioner may not stand here, only to Patient, Group, Device, Location/,
  ])
  check(t, 'the same by absolute URL', subject('http://example.org/fhir/Practitioner/1'), [
    'Observation.subject.reference',
    'value',
    /A reference to Practitioner may not stand here/,
  ])
  check(t, 'an unknown type', subject('Patiant/1'), [
    'Observation.subject.reference',
    'value',
    /Patiant is no resource type of R4\. Did you mean Patient\?/,
  ])
  for (const wrong of ['1', 'Patient', 'Patient/', 'Patient/a_b', '/Patient/1', 'Patient/1/x'])
    check(t, wrong, subject(wrong), [
      'Observation.subject.reference',
      'value',
      /is no reference: write Type\/id/,
    ])
  check(t, 'no such contained resource', subject('#p'), [
    'Observation.subject.reference',
    'value',
    /^ref-1: "#p" must be/,
  ])
  check(t, 'a contained resource', { ...subject('#p'), contained: [{ resourceType: 'Patient', id: 'p' }] })
  check(
    t,
    'a contained resource of another type',
    { ...subject('#p'), contained: [{ resourceType: 'Practitioner', id: 'p' }] },
    ['Observation.subject.reference', 'value', /A reference to Practitioner may not stand here/],
  )
  check(t, 'a type that contradicts', subject('Patient/1', { type: 'Group' }), [
    'Observation.subject.type',
    'value',
    /The type is "Group", but the reference is to Patient/,
  ])
  check(
    t,
    'a type alone that is not allowed',
    observation({ subject: { type: 'Practitioner', display: 'x' } }),
    ['Observation.subject.type', 'value', /A reference to Practitioner may not stand here/],
  )
  check(t, 'any target', observation({ focus: [{ reference: 'Medication/1' }] }))
  for (const type of ['Patient', 'http://hl7.org/fhir/StructureDefinition/Patient'])
    check(t, `the type ${type}`, subject('Patient/1', { type }))
  for (const wrong of ['patient', 'Foo', 'http://example.org/Patient', 'http://hl7.org/fhir/Patient'])
    check(t, `the type ${wrong}`, subject('Patient/1', { type: wrong }), [
      'Observation.subject.type',
      'value',
      /is no resource type of R4/,
    ])
  check(t, 'a type that is none, of any target', observation({ focus: [{ type: 'patient' }] }), [
    'Observation.focus[0].type',
    'value',
    /^"patient" is no resource type of R4\. Did you mean Patient\?$/,
  ])
  check(t, 'an abstract type', observation({ focus: [{ type: 'Resource', display: 'x' }] }))
})

t.test('contained resources and entries', async (t) => {
  const withContained = (...contained: object[]) =>
    patient({
      contained,
      managingOrganization: { reference: '#o' },
      generalPractitioner: [{ reference: '#p' }],
    })
  const organization = { resourceType: 'Organization', id: 'o', name: 'Clinic' }
  const practitioner = { resourceType: 'Practitioner', id: 'p' }
  check(t, 'right', withContained(organization, practitioner))
  check(t, 'a fault within', withContained({ ...organization, active: 'yes' }, practitioner), [
    'Patient.contained[0].active',
    'structure',
    /must be a boolean/,
  ])
  check(
    t,
    'the same id twice',
    withContained(organization, practitioner, {
      resourceType: 'Group',
      id: 'o',
      type: 'person',
      actual: true,
    }),
    ['Patient.contained[2]', 'duplicate', /Another contained resource has the id "o" already/],
  )
  check(t, 'no type', withContained(practitioner, { id: 'o' }), [
    'Patient.contained[1]',
    'required',
    /resourceType/,
  ])
  check(t, 'what is no resource', withContained(practitioner, { resourceType: 'HumanName', id: 'o' }), [
    'Patient.contained[1]',
    'structure',
    /"HumanName" is no resource type/,
  ])
  check(
    t,
    'an entry of a Bundle',
    {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ fullUrl: 'http://example.org/Patient/1', resource: patient({ gender: 'x' }) }],
    },
    ['Bundle.entry[0].resource.gender', 'code-invalid', /AdministrativeGender/],
  )
  check(
    t,
    'an entry refers to its own contained resources only',
    {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [
        { fullUrl: 'http://example.org/Patient/1', resource: withContained(organization, practitioner) },
        {
          fullUrl: 'http://example.org/Patient/2',
          resource: patient({ managingOrganization: { reference: '#o' } }),
        },
      ],
    },
    ['Bundle.entry[1].resource.managingOrganization.reference', 'value', /^ref-1/],
  )
  check(
    t,
    'a parameter',
    {
      resourceType: 'Parameters',
      parameter: [
        { name: 'a', resource: patient({ birthDate: 'x' }) },
        { name: 'b', part: [{ name: 'c', valueDate: 'x' }] },
      ],
    },
    ['Parameters.parameter[0].resource.birthDate', 'value', /date/],
    ['Parameters.parameter[1].part[0].value', 'value', /date/],
  )
})

t.test('the texts of all references, in the order of the document', (t) => {
  const named: string[] = []
  const issues = validator.validate(
    {
      resourceType: 'Immunization',
      status: 'completed',
      contained: [
        { resourceType: 'Patient', id: 'p', managingOrganization: { reference: 'Organization/o' } },
      ],
      extension: [{ url: 'urn:x', valueReference: { reference: 'Group/g' } }],
      vaccineCode: { text: 'a' },
      patient: { reference: '#p' },
      occurrenceDateTime: '2026-01-31',
      education: [{ reference: 'http://example.org/leaflet' }],
      reaction: [{ detail: { reference: 'Observation/1' } }, { detail: { display: 'none' } }],
      performer: [{ actor: { reference: 'Organization/o' } }],
    },
    named,
  )
  t.strictSame(issues, [])
  t.strictSame(named, ['Organization/o', 'Group/g', '#p', 'Observation/1', 'Organization/o'])
  t.end()
})
