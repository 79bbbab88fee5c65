/**
 * Imported first of all where code is instrumented: packages that take functions out of Node's modules when they are
 * loaded shall get those that an exploration sees.
 */
import { runtime } from '../runtime/index.js'
import { installBackgroundGates } from './background/detector.js'
import { installFileGates } from './files/detector.js'
import { installHttpGates } from './http/detector.js'
import { installSocketGates } from './sockets/detector.js'
// Takes what it needs of `fs` before that is replaced.
import '../io/channel.js'

const installed = Symbol.for('frontrun.gates')
const shared = globalThis as { [installed]?: boolean }

if (shared[installed] === undefined) {
  shared[installed] = true
  installFileGates(runtime)
  // Servers of HTTP are servers.
  installSocketGates(runtime)
  installHttpGates(runtime)
  installBackgroundGates(runtime)
}
