/** Calls whose work touches nothing that tasks share: when it is over is all that can be told of it. */
import { apply } from '../../runtime/natives.js'
import type { Detect } from '../../runtime/outside/gate.js'
import { single } from '../../runtime/outside/operation.js'
import { Signal } from '../signal.js'

/** A function that calls back a function that it is given. */
export function calledBack(name: string): Detect {
  return (self, args, original) => {
    const place = args.findLastIndex(argument => typeof argument === 'function')
    if (place < 0) return null
    const callback = args[place]
    let results: unknown[] = []
    // It begins where it was called: for the error that Node throws, and for what the arguments are at that time.
    const done = new Signal()
    const settled = (...given: unknown[]): void => {
      results = given
      done.raise()
    }
    apply(
      original,
      self,
      args.map((argument, index) => (index === place ? settled : argument)),
    )
    return {
      kind: 'callback',
      operation: single(name, { perform: () => done.promise }),
      callback,
      toArguments: () => results,
    }
  }
}

/** A function that returns a promise. */
export function promised(name: string): Detect {
  return (self, args, original) => ({
    kind: 'promise',
    operation: single(name, { perform: () => apply(original, self, args) }),
  })
}
