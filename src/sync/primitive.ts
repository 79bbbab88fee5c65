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
  #real: World<S, D> | null = null
  #explored: World<S, D> | null = null

  constructor(make: () => { state: S; data: D }) {
    this.#make = make
    // What an execution makes is hardly ever used outside of it.
    if (!inside()) this.#real = real(make)
  }

  /** @internal */
  static worldOf<S, D>(primitive: Primitive<S, D>): World<S, D> {
    if (!inside()) {
      primitive.#real ??= real(primitive.#make)
      return primitive.#real
    }
    const execution = runtime.execution as Execution
    const known = primitive.#explored
    if (known?.execution === execution) return known
    const { state, data } = primitive.#make()
    const world = { core: new ExploredCore(primitive, state, execution), data, execution }
    primitive.#explored = world
    return world
  }
}

function real<S, D>(make: () => { state: S; data: D }): World<S, D> {
  const { state, data } = make()
  return { core: new RealCore(state), data, execution: null }
}

export const { worldOf } = Primitive
