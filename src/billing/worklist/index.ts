// The worklist's face.
export * from './kept-task.ts'
export * from './work-task.ts'
