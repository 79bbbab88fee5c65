import { Lock } from 'frontrun/sync'
import type { MakeVariable, Variable } from './variables.js'

/** The state of a counted program: named variables and locks, all made in setup. */
export class Memory {
  readonly variables: Record<string, Variable> = {}
  readonly locks: Record<string, Lock> = {}

  constructor(make: MakeVariable, variables: readonly string[], locks: readonly string[]) {
    for (const name of variables) this.variables[name] = make(name)
    for (const name of locks) this.locks[name] = new Lock()
  }

  get(name: string): number {
    return this.variables[name].get()
  }
  set(name: string, value: number): void {
    this.variables[name].set(value)
  }
  acquire(name: string): void {
    this.locks[name].acquireSync()
  }
  release(name: string): void {
    this.locks[name].release()
  }
  print(...names: string[]): string {
    return names.map(name => `${name}=${this.get(name)}`).join(' ')
  }
}

export type Body = (memory: Memory) => void
export type AsyncBody = (memory: Memory) => Promise<unknown>

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
export const repeated = <T>(n: number, value: T): T[] => range(n).map(() => value)
