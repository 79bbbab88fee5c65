/** What native addons do to files and sockets, as the preload library tells it. */
import { Channel } from '../../io/channel.js'
import type { IOEvent } from '../../io/event.js'
import type { Execution } from '../../runtime/execution.js'
import type { RuntimeHooks } from '../../runtime/iteration.js'
import type { Observer } from '../../runtime/outside/observer.js'
import type { Patches } from '../../runtime/patches.js'
import { NativeWorld } from './native-world.js'

/** Where the library is loaded (`frontrun <command>` on Linux), its events are read for one exploration. */
export function detectNative(runtime: RuntimeHooks, patches: Patches): void {
  const channel = Channel.open('native')
  if (channel === null) return
  runtime.observer = new NativeObserver(channel, channel.thread())
  patches.onUndo(() => {
    runtime.observer = null
    channel.close()
  })
}

class NativeObserver implements Observer {
  private readonly worlds = new WeakMap<Execution, NativeWorld>()

  constructor(
    private readonly channel: Channel,
    private readonly thread: number,
  ) {}

  begin(execution: Execution): void {
    this.skip()
    this.worlds.set(execution, new NativeWorld(execution))
  }

  skip(): void {
    this.channel.drain(() => {})
  }

  expectNothing(execution: Execution): void {
    this.channel.drain(event => {
      if (!this.isAttributed(execution, event)) return
      execution.outside.unseen ??= `native code did something to the outside world (${event.kind} ${event.resourceId}) where no call of it was seen: in an accessor, say`
    })
  }

  claim(descriptor: number): void {
    this.channel.claim(descriptor)
  }

  observe(execution: Execution, site: number): void {
    const events: IOEvent[] = []
    this.channel.drain(event => events.push(event))
    if (events.length === 0) return
    const world = this.worlds.get(execution)
    if (world === undefined) return
    const own = events.filter(event => this.isAttributed(execution, event))
    if (own.length > 0) world.note(own, site)
  }

  /** Whether the event belongs to what ran; else why nothing is proven any more. */
  private isAttributed({ outside }: Execution, event: IOEvent): boolean {
    if (event.kind === 'lost') {
      outside.unseen ??= `native code did more to files and sockets in one go than there was room to tell (${event.length} or more events are missing)`
      return false
    }
    if (event.kind === 'blind') {
      outside.unseen ??= 'native code uses io_uring, which cannot be seen'
      return false
    }
    if (event.tid !== this.thread) {
      outside.unseen ??= `native code works on threads of its own (${event.kind} ${event.resourceId}): when it does so can't be chosen`
      return false
    }
    return true
  }
}
