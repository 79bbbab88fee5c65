/** Sockets of which it is known when something goes on there: that they are open says nothing. */
import type { Socket } from 'node:net'

const overseen = new Set<Socket>()

/** From now on nobody waits because `socket` is open. */
export function oversee(socket: Socket): void {
  overseen.add(socket)
}

type Handle = { hasRef?(): boolean; constructor: { name: string } } | null

/** How many of them Node counts among what is under way, by its names. */
export function overseenSockets(): number {
  let count = 0
  for (const socket of overseen) {
    const { _handle: handle } = socket as unknown as { _handle: Handle }
    if (socket.destroyed) overseen.delete(socket)
    else if (handle?.constructor.name === 'TCP' && handle.hasRef?.()) count++
  }
  return count
}

const datagramSockets = new Set<object>()

/** From now on nobody waits because this datagram socket is open; `isOverseen` false: again somebody does. */
export function overseeDatagrams(socket: object, isOverseen: boolean): void {
  if (isOverseen) datagramSockets.add(socket)
  else datagramSockets.delete(socket)
}

/** How many of them are open. */
export function overseenDatagramSockets(): number {
  return datagramSockets.size
}
