// What payers are asked, and how their answers find the question.
export { askPayer, type AskedQuestion } from './ask-payer.ts'
export { QUESTION_NUMBERS, type QuestionKind } from './question.ts'
export { resumeFiles, resumeQuestions } from './send-question.ts'
