// The course of scores and diaries.
export { coursesOf, type CourseQuestion, type CourseSources } from './courses.ts'
export { drawCourses } from './draw.ts'
export { thinned } from './thinning.ts'
export * from './course.ts'
export { countOf } from './series.ts'
export type { Window } from './series.ts'
