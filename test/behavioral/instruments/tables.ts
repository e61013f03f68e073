// The assessments as publications and LOINC describe them, by which what ships is checked: questions, answers, weights and
// bands. Written from the sources, not from profiles/questionnaires/.

export interface Table {
  /** LOINC code of the panel; empty where there is none. */
  readonly panel: string
  /**
   * In their order, those with the same answers together: `name:LOINC`, and `code=weight`, without a weight where the
   * answer does not count; `number:lowest..highest` for what is no choice.
   */
  readonly questions: readonly (readonly [questions: string, answers: string])[]
  /** LOINC codes of the scores by name; empty where there is none. */
  readonly scores: Readonly<Record<string, string>>
  /** Of the first score: `lowest-highest text`. */
  readonly bands: readonly string[]
}

const PHQ = 'LA6568-5=0 LA6569-3=1 LA6570-1=2 LA6571-9=3'
const DIFFICULTY = 'LA6572-7 LA6573-5 LA6575-0 LA6574-3'
const YES_NO = 'yes=1 no=0'
const LOINC_YES_NO = 'LA33-6=1 LA32-8=0'
const ASQ = 'yes=1 no=0 refused'
const DRINKING = 'LA6270-8=0 LA18926-8=1 LA18927-6=2 LA18928-4=3 LA18929-2=4'
const DRINKS = 'LA15694-5=0 LA15695-2=1 LA18930-0=2 LA18931-8=3 LA18932-6=4'
const OFTEN = 'LA6270-8=0 LA18933-4=1 LA18876-5=2 LA18891-4=3 LA18934-2=4'
const HARM = 'LA32-8=0 LA32279-4=2 LA32280-2=4'
const DAYS_OF_YEAR = 'number:0..366'
const USED = 'LA6270-8 LA18933-4 LA18876-5 LA18891-4 LA18934-2'
const TIMES = 'number:0..'
const BAM = 'bam-answer-0=0 bam-answer-1=1 bam-answer-2=2 bam-answer-3=3 bam-answer-4=4'
const DAYS_OF_MONTH = 'number:0..30'
const PCL_5 = 'pcl-5-answer-0=0 pcl-5-answer-1=1 pcl-5-answer-2=2 pcl-5-answer-3=3 pcl-5-answer-4=4'
const ASRS = 'LA6270-8=0 LA10066-1=1 LA10082-8=2 LA10044-8=3 LA14985-8=4'
const WHO_5 =
  'who-5-answer-0=0 who-5-answer-1=1 who-5-answer-2=2 who-5-answer-3=3 who-5-answer-4=4 who-5-answer-5=5'
const K6 = 'LA6154-4=4 LA14734-0=3 LA14733-2=2 LA14732-4=1 LA6297-1=0'
const PSC_17 = 'psc-17-answer-0=0 psc-17-answer-1=1 psc-17-answer-2=2'
const CIWA_AR =
  'ciwa-ar-answer-0=0 ciwa-ar-answer-1=1 ciwa-ar-answer-2=2 ciwa-ar-answer-3=3 ciwa-ar-answer-4=4 ciwa-ar-answer-5=5 ciwa-ar-answer-6=6 ciwa-ar-answer-7=7'

export const TABLES: Readonly<Record<string, Table>> = {
  'phq-9': {
    panel: '44249-1',
    questions: [
      ['1:44250-9 2:44255-8 3:44259-0 4:44254-1 5:44251-7 6:44258-2 7:44252-5 8:44253-3 9:44260-8', PHQ],
      ['10:69722-7', DIFFICULTY],
    ],
    scores: { total: '44261-6', 'diagnostic-algorithm': '' },
    bands: ['0-4 None-minimal', '5-9 Mild', '10-14 Moderate', '15-19 Moderately severe', '20-27 Severe'],
  },
  'phq-2': {
    panel: '55757-9',
    questions: [['1:44250-9 2:44255-8', PHQ]],
    scores: { total: '55758-7' },
    bands: ['0-2 Negative', '3-6 Positive - administer PHQ-9'],
  },
  'phq-a': {
    panel: '89206-7',
    questions: [
      ['1:104135-9 2:104136-7 3:44259-0 4:104138-3 5:44254-1 6:44258-2 7:104141-7 8:44253-3 9:44260-8', PHQ],
      ['10:', YES_NO],
      ['11:69722-7', DIFFICULTY],
      ['12: 13:', YES_NO],
    ],
    scores: { total: '89204-2' },
    bands: ['0-4 None-minimal', '5-9 Mild', '10-14 Moderate', '15-19 Moderately severe', '20-27 Severe'],
  },
  'gad-7': {
    panel: '69737-5',
    questions: [['1:69725-0 2:68509-9 3:69733-4 4:69734-2 5:69735-9 6:69689-8 7:69736-7', PHQ]],
    scores: { total: '70274-6' },
    bands: ['0-4 Minimal', '5-9 Mild', '10-14 Moderate', '15-21 Severe'],
  },
  'gad-2': {
    panel: '',
    questions: [['1:69725-0 2:68509-9', PHQ]],
    scores: { total: '' },
    bands: ['0-2 Negative', '3-6 Positive - administer GAD-7'],
  },
  'phq-4': {
    panel: '69724-3',
    questions: [['1:69725-0 2:68509-9 3:44250-9 4:44255-8', PHQ]],
    scores: { total: '70272-0', 'anxiety-subscale': '', 'depression-subscale': '55758-7' },
    bands: ['0-2 Normal', '3-5 Mild', '6-8 Moderate', '9-12 Severe'],
  },
  'c-ssrs-screener-recent': {
    panel: '93373-9',
    questions: [['1:93246-7 2:93247-5 3:93248-3 4:93249-1 5:93250-9 6a:93267-3 6b:93269-9', LOINC_YES_NO]],
    scores: { 'risk-level': '93374-7', 'most-severe-ideation-past-month': '93293-9' },
    bands: [],
  },
  asq: {
    panel: '',
    questions: [['1: 2: 3: 4: 5:', ASQ]],
    scores: { result: '93374-7' },
    bands: [],
  },
  audit: {
    panel: '72110-0',
    questions: [
      ['1:68518-0', DRINKING],
      ['2:68519-8', DRINKS],
      ['3:68520-6 4:97734-8 5:97735-5 6:97736-3 7:97737-1 8:97738-9', OFTEN],
      ['9:97739-7 10:97740-5', HARM],
    ],
    scores: { total: '75624-7', 'AUDIT-C-subscore': '75626-2' },
    bands: [
      '0-7 Zone I - low risk',
      '8-15 Zone II - hazardous',
      '16-19 Zone III - harmful',
      '20-40 Zone IV - possible dependence',
    ],
  },
  'audit-c': {
    panel: '72109-2',
    questions: [
      ['1:68518-0', DRINKING],
      ['2:68519-8', DRINKS],
      ['3:68520-6', OFTEN],
    ],
    scores: { total: '75626-2' },
    bands: [],
  },
  'dast-10': {
    panel: '82666-9',
    questions: [
      ['1:68525-5 2:68526-3', LOINC_YES_NO],
      ['3:68527-1', 'LA33-6=0 LA32-8=1'],
      ['4:68528-9 5:68529-7 6:68530-5 7:68531-3 8:68532-1 9:68533-9 10:68534-7', LOINC_YES_NO],
    ],
    scores: { total: '82667-7' },
    bands: ['0-0 No problems', '1-2 Low', '3-5 Moderate', '6-8 Substantial', '9-10 Severe'],
  },
  'cage-aid': {
    panel: '',
    questions: [['1: 2: 3: 4:', YES_NO]],
    scores: { total: '' },
    bands: ['0-0 Negative', '1-4 Positive'],
  },
  'crafft-2.1': {
    panel: '71942-7',
    questions: [
      ['A1: A2: A3: A4:', DAYS_OF_YEAR],
      ['C: R: A: F1: F2: T:', YES_NO],
    ],
    scores: { total: '' },
    bands: [],
  },
  'taps-1': {
    panel: '96841-2',
    questions: [['1:96842-0 2m:88037-7 2f:75889-6 3:96843-8 4:96844-6', USED]],
    scores: { 'taps-1-positive': '' },
    bands: [],
  },
  'substance-single-item': {
    panel: '',
    questions: [['alcohol:68517-2 drugs:68524-8', TIMES]],
    scores: { 'alcohol-positive': '', 'drug-positive': '' },
    bands: [],
  },
  bam: {
    panel: '',
    questions: [
      ['1:', BAM],
      ['2: 3: 4: 5: 6: 7A: 7B: 7C: 7D: 7E: 7F: 7G:', DAYS_OF_MONTH],
      ['8: 9:', BAM],
      ['10: 11:', DAYS_OF_MONTH],
      ['12:', BAM],
      ['13:', DAYS_OF_MONTH],
      ['14:', 'yes=4 no=0'],
      ['15:', BAM],
      ['16:', DAYS_OF_MONTH],
      ['17:', 'bam-answer-0 bam-answer-1 bam-answer-2 bam-answer-3 bam-answer-4'],
    ],
    scores: { use: '', risk: '', protective: '' },
    bands: [],
  },
  'pcl-5': {
    panel: '101697-1',
    questions: [
      [
        '1:101703-7 2:101704-5 3:101705-2 4:101706-0 5:101707-8 6:101708-6 7:101709-4 8:101710-2 9:101699-7 10:101700-3 11:101701-1 12:101711-0 13:101712-8 14:101713-6 15:101714-4 16:101702-9 17:101715-1 18:101716-9 19:101717-7 20:101718-5',
        PCL_5,
      ],
    ],
    scores: {
      total: '101698-9',
      'cluster-B': '',
      'cluster-C': '',
      'cluster-D': '',
      'cluster-E': '',
      'provisional-diagnosis': '',
    },
    bands: ['0-10 None/minimal', '11-20 Mild', '21-40 Moderate', '41-60 Severe', '61-80 Very severe'],
  },
  'pc-ptsd-5': {
    panel: '102010-6',
    questions: [['gate:102011-4 1:102012-2 2:102013-0 3:102014-8 4:102015-5 5:102016-3', LOINC_YES_NO]],
    scores: { total: '102017-1' },
    bands: ['0-3 Negative', '4-5 Positive'],
  },
  epds: {
    panel: '71354-5',
    questions: [
      ['1:71344-6', 'epds-1-answer-0=0 epds-1-answer-1=1 epds-1-answer-2=2 epds-1-answer-3=3'],
      ['2:71345-3', 'epds-2-answer-0=0 epds-2-answer-1=1 epds-2-answer-2=2 epds-2-answer-3=3'],
      ['3:71346-1', 'epds-3-answer-3=3 epds-3-answer-2=2 epds-3-answer-1=1 epds-3-answer-0=0'],
      ['4:71347-9', 'epds-4-answer-0=0 epds-4-answer-1=1 epds-4-answer-2=2 epds-4-answer-3=3'],
      ['5:71348-7', 'epds-5-answer-3=3 epds-5-answer-2=2 epds-5-answer-1=1 epds-5-answer-0=0'],
      ['6:71349-5', 'epds-6-answer-3=3 epds-6-answer-2=2 epds-6-answer-1=1 epds-6-answer-0=0'],
      ['7:71350-3', 'epds-7-answer-3=3 epds-7-answer-2=2 epds-7-answer-1=1 epds-7-answer-0=0'],
      ['8:71351-1', 'epds-8-answer-3=3 epds-8-answer-2=2 epds-8-answer-1=1 epds-8-answer-0=0'],
      ['9:71352-9', 'epds-9-answer-3=3 epds-9-answer-2=2 epds-9-answer-1=1 epds-9-answer-0=0'],
      ['10:71353-7', 'epds-10-answer-3=3 epds-10-answer-2=2 epds-10-answer-1=1 epds-10-answer-0=0'],
    ],
    scores: { total: '99046-5' },
    bands: ['0-9 Low likelihood', '10-12 Possible depression', '13-30 Probable depression'],
  },
  'asrs-v1.1-6': {
    panel: '62750-5',
    questions: [['1:65224-8 2:65225-5 3:65226-3 4:65227-1 5:65228-9 6:65229-7', ASRS]],
    scores: { 'part-A-positive-count': '', 'sum-0-24': '' },
    bands: ['0-3 Negative', '4-6 Positive - symptoms highly consistent with adult ADHD'],
  },
  'who-5': {
    panel: '',
    questions: [['1: 2: 3: 4: 5:', WHO_5]],
    scores: { percent: '', raw: '' },
    bands: ['0-28 Likely depression', '29-50 Poor well-being', '51-100 Adequate well-being'],
  },
  k6: {
    panel: '62746-3',
    questions: [['1:65189-3 2:65190-1 3:65191-9 4:65192-7 5:65196-8 6:65198-4', K6]],
    scores: { total: '' },
    bands: ['0-4 Low', '5-12 Moderate distress', '13-24 Serious psychological distress'],
  },
  'psc-17': {
    panel: '',
    questions: [['1: 2: 3: 4: 5: 6: 7: 8: 9: 10: 11: 12: 13: 14: 15: 16: 17:', PSC_17]],
    scores: { total: '', internalizing: '', attention: '', externalizing: '' },
    bands: ['0-14 Negative', '15-34 Positive'],
  },
  cows: {
    panel: '',
    questions: [
      ['1:', 'cows-1-answer-0=0 cows-1-answer-1=1 cows-1-answer-2=2 cows-1-answer-4=4'],
      ['2:', 'cows-2-answer-0=0 cows-2-answer-1=1 cows-2-answer-2=2 cows-2-answer-3=3 cows-2-answer-4=4'],
      ['3:', 'cows-3-answer-0=0 cows-3-answer-1=1 cows-3-answer-3=3 cows-3-answer-5=5'],
      ['4:', 'cows-4-answer-0=0 cows-4-answer-1=1 cows-4-answer-2=2 cows-4-answer-5=5'],
      ['5:', 'cows-5-answer-0=0 cows-5-answer-1=1 cows-5-answer-2=2 cows-5-answer-4=4'],
      ['6:', 'cows-6-answer-0=0 cows-6-answer-1=1 cows-6-answer-2=2 cows-6-answer-4=4'],
      ['7:', 'cows-7-answer-0=0 cows-7-answer-1=1 cows-7-answer-2=2 cows-7-answer-3=3 cows-7-answer-5=5'],
      ['8:', 'cows-8-answer-0=0 cows-8-answer-1=1 cows-8-answer-2=2 cows-8-answer-4=4'],
      ['9:', 'cows-9-answer-0=0 cows-9-answer-1=1 cows-9-answer-2=2 cows-9-answer-4=4'],
      ['10:', 'cows-10-answer-0=0 cows-10-answer-1=1 cows-10-answer-2=2 cows-10-answer-4=4'],
      ['11:', 'cows-11-answer-0=0 cows-11-answer-3=3 cows-11-answer-5=5'],
    ],
    scores: { total: '' },
    bands: ['0-4 None', '5-12 Mild', '13-24 Moderate', '25-36 Moderately severe', '37-48 Severe'],
  },
  'ciwa-ar': {
    panel: '',
    questions: [
      ['1: 2: 3: 4: 5: 6: 7: 8: 9:', CIWA_AR],
      [
        '10:',
        'ciwa-ar-10-answer-0=0 ciwa-ar-10-answer-1=1 ciwa-ar-10-answer-2=2 ciwa-ar-10-answer-3=3 ciwa-ar-10-answer-4=4',
      ],
    ],
    scores: { total: '' },
    bands: ['0-7 Minimal/mild', '8-14 Moderate', '15-67 Severe (impending DTs)'],
  },
}
