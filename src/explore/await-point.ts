import { declare } from '../runtime/functions.js'
import { runtime } from '../runtime/index.js'
import { NativePromise } from '../runtime/natives.js'

/**
 * An explicit scheduling point: inside an exploration another task may run here. Works in code that is not
 * instrumented, too; there every stretch between two points is taken to conflict with every other. Outside an
 * exploration it resolves at once.
 *
 * @example
 * const before = account.balance
 * await awaitPoint()
 * account.balance = before + 50
 */
export function awaitPoint(): Promise<void> {
  return runtime.on && runtime.enters() ? runtime.foreignPoint() : NativePromise.resolve()
}

// Called from instrumented code it is an await of nothing.
declare(awaitPoint, () => {
  runtime.value = runtime.fulfilled()
  return false
})
