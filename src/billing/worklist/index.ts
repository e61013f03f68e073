// The worklist's face.
export * from './work-task.ts'
export * from './sent-as.ts'
