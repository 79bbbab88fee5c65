import type { Execution } from '../runtime/execution.js'
import { runtime } from '../runtime/index.js'
import { type Core, ExploredCore, RealCore } from './core.js'

/** Whether what runs belongs to an exploration. */
export const inside = (): boolean => runtime.on && runtime.enters()

/** What a primitive is in one execution, or outside of explorations. */
export interface World<S, D> {
  readonly core: Core<S>
  readonly data: D
  readonly execution: Execution | null
}

/** What the primitives have in common: one state outside of explorations, and one in each execution. */
export abstract class Primitive<S, D = null> {
  readonly #make: () => { state: S; data: D }
  readonly #real: World<S, D>
  #explored: World<S, D> | null = null

  constructor(make: () => { state: S; data: D }) {
    this.#make = make
    const { state, data } = make()
    this.#real = { core: new RealCore(state), data, execution: null }
  }

  /** @internal */
  static worldOf<S, D>(primitive: Primitive<S, D>): World<S, D> {
    if (!inside()) return primitive.#real
    const execution = runtime.execution as Execution
    const known = primitive.#explored
    if (known?.execution === execution) return known
    const { state, data } = primitive.#make()
    const world = { core: new ExploredCore(primitive, state, execution), data, execution }
    primitive.#explored = world
    return world
  }
}

export const { worldOf } = Primitive
