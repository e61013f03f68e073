// Each fault, put alone into a claim without fault, makes exactly its own edit speak; several make all of theirs speak.
import fc from 'fast-check'
import t from 'tap'
import { EDIT_CODES } from '../../../src/billing/index.ts'
import { runs } from '../../runs.ts'
import { shipped } from '../rules/services.ts'
import { billedCase, edits, findingsOf, stay } from './billed.ts'
import { FAULTS } from './faults.ts'

t.test('claims without fault are clean', async (t) => {
  const clean = {
    psychotherapy: billedCase(),
    'a medical visit with psychotherapy': billedCase({ lines: [{ code: '99213' }, { code: '90836' }] }),
    video: billedCase({ modality: 'video', lines: [{ code: '90834', modifiers: ['95'], place: '10' }] }),
    audio: billedCase({ modality: 'audio', lines: [{ code: '90834', modifiers: ['93'], place: '02' }] }),
    'group with interactive complexity': billedCase({ lines: [{ code: '90853' }, { code: '90785' }] }),
    stay: stay(),
  }
  for (const [name, made] of Object.entries(clean)) t.strictSame(await findingsOf(made), [], name)
  for (const { name, of } of FAULTS) if (of !== undefined) t.strictSame(await findingsOf(of()), [], name)
})

t.test('one fault', async (t) => {
  for (const { name, edit, at, of = billedCase, put, severity = 'error' } of FAULTS) {
    const made = of()
    put(made)
    const told = await findingsOf(made)
    t.strictSame(
      told.map((one) => [one.edit, one.expression, one.severity]),
      [[edit, at, severity]],
      name,
    )
    t.strictSame(told[0]?.details?.code, edit)
  }
})

t.test('every edit has a fault that makes it speak, and a remedy', async (t) => {
  t.strictSame([...new Set(FAULTS.map(({ edit }) => edit))].toSorted(), [...EDIT_CODES].toSorted())
  const system = shipped.find(({ id }) => id === 'claim-edits') as unknown as {
    concept: { code: string; property: { code: string; valueCode?: string; valueString?: string }[] }[]
  }
  t.strictSame(system.concept.map(({ code }) => code).toSorted(), [...EDIT_CODES].toSorted())
  for (const { code, property } of system.concept) {
    const told = new Map(property.map((one) => [one.code, one.valueCode ?? one.valueString]))
    t.match(told.get('severity'), /^(error|warning)$/, code)
    t.match(told.get('mend'), /^[A-Z].*\.$/, code)
    t.ok(told.get('denial') === undefined || /^[A-Z]?\d{1,3}$/.test(String(told.get('denial'))), code)
  }
})

t.test('several faults', async (t) => {
  // Of a code that no rule bills nothing else can be said; what else is not written is not looked for.
  const usual = FAULTS.filter(({ of, edit }) => of === undefined && !/^code-|^not-writable/.test(edit))
  await fc.assert(
    fc.asyncProperty(fc.subarray(usual, { minLength: 2, maxLength: 6 }), fc.nat(), async (chosen, turn) => {
      const broken = new Set<string>()
      const faults = [...chosen.slice(turn % chosen.length), ...chosen.slice(0, turn % chosen.length)].filter(
        ({ breaks }) => {
          const parts = breaks.split(' ')
          const isFree = !parts.some((part) => broken.has(part))
          if (isFree) for (const part of parts) broken.add(part)
          return isFree
        },
      )
      const made = billedCase()
      for (const { put } of faults) put(made)
      t.strictSame(
        edits(await findingsOf(made)),
        [...new Set(faults.map(({ edit }) => edit))].toSorted(),
        faults.map(({ name }) => name).join(' + '),
      )
    }),
    runs(60, 600),
  )
})
