/**
 * Methods that first do something (look at a flag, release a lock, count the caller in) and then may have to wait to be
 * woken. In threads that is two steps: the arrival, and going on.
 */
import { declare } from '../runtime/functions.js'
import type { Guard } from '../runtime/guard.js'
import { runtime } from '../runtime/index.js'
import { at } from './core.js'
import { awaitTurn, settled } from './explored.js'
import { type Arrival, type ParkedParty, promiseOf } from './parties.js'

export const parkedIn = <T>(arrival: Arrival<T>): Guard | null =>
  'party' in arrival ? (arrival.party as ParkedParty<T>).parked : null

type Arrive<P, T> = (self: P, args: any[]) => { arrival: Arrival<T>; guard: Guard | null }

/** Tells the driver of an async method and its blocking twin. */
export function declareArriving<P, T>(asynchronous: Function, blocking: Function, arrive: Arrive<P, T>): void {
  for (const method of [asynchronous, blocking])
    declare(method, (_, self, args, site) =>
      call(() => at(site, () => arrive(self, args)), method === asynchronous, site),
    )
}

function call<T>(arrive: () => ReturnType<Arrive<unknown, T>>, isAsync: boolean, site: number): boolean {
  if (runtime.points && runtime.nested === 0) return runtime.coroutine(inTwoSteps(arrive, isAsync, site), isAsync, site)
  if (!isAsync && runtime.nested > 0) throw cannotBlock()
  const { arrival, guard } = arrive()
  if (guard !== null) return isAsync ? awaitTurn(guard, site) : runtime.block(guard, site)
  const { give } = arrival as { give: () => T }
  runtime.value = isAsync ? settled(give) : give()
  return false
}

function* inTwoSteps<T>(
  arrive: () => ReturnType<Arrive<unknown, T>>,
  isAsync: boolean,
  site: number,
): Generator<unknown, unknown, unknown> {
  runtime.declare(site, arrive)
  const { arrival, guard } = (yield) as ReturnType<Arrive<unknown, T>>
  if (guard === null) return (arrival as { give: () => T }).give()
  if (isAsync) runtime.suspendAt(guard, site)
  else runtime.block(guard, site)
  return yield
}

export const cannotBlock = (): Error =>
  new Error(
    'frontrun: a blocking call where nothing can be suspended: in a callback of native code, or in code that is not instrumented',
  )

export const wouldWaitForever = (api: string): Error =>
  new Error(`frontrun: ${api} would wait for ever: nothing else can run on this thread`)

export { promiseOf }
