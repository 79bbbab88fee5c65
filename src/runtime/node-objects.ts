/** Objects of Node through which half of its inside can be reached: connections, servers, timers, what they keep. */
import { Agent } from 'node:http'
import { Server } from 'node:net'
import { Stream } from 'node:stream'
import { getPrototypeOf } from './natives.js'
import { isOfNode } from './node-functions.js'

/**
 * Whether what hangs on `object` is Node's, and none of the program's: how it looks depends on how its connection is
 * doing. Instances of classes of the program's count as the program's own.
 */
export function isInsideOfNode(object: object): boolean {
  if (!(object instanceof Stream || object instanceof Server || object instanceof Agent)) return false
  const made = (getPrototypeOf(object) as { constructor: unknown }).constructor
  return typeof made === 'function' && isOfNode(made)
}
