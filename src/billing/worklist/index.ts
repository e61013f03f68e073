// The worklist's face.
export * from './work-task.ts'
