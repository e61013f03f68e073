// What the compiler knows of a function: its arguments, what they look from, and how a call becomes a step.
import type { Step } from './run.ts'

export interface FunctionCompiler {
  /** How many arguments it may have; with others it is not compiled. */
  readonly arity: readonly [least: number, most: number]
  /**
   * What `$this` is in its arguments: what it is around the call, all of the input, or each item of it, where `$index`
   * is known, and in `aggregate` also `$total`.
   */
  readonly looksFrom: 'outside' | 'input' | 'item' | 'aggregate'
  /** `size`: parts of the arguments, which is what evaluating them once costs. */
  make(input: Step, args: readonly Step[], size: number): Step
}

/** By name. */
export type FunctionTable = Readonly<Record<string, FunctionCompiler>>
