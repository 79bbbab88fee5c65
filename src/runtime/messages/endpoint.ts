/**
 * Where messages arrive: a port, or a broadcast channel. Each message is delivered by a task of its own, which the task
 * that sent it started; those of one endpoint in the order in which they were sent, those of two in any order.
 */
import type { Execution } from '../execution.js'
import { Frame } from '../frame.js'
import { Awaiting, Watched } from '../guard.js'
import { DELIVERIES, LISTENERS, MESSAGES, type ObjectRecord } from '../identity.js'
import type { RuntimeHooks } from '../iteration.js'
import { READ, type Recorder, WRITE } from '../recorder.js'
import { TaskState } from '../task.js'
import type { Listener, Listeners } from './listeners.js'

export interface Message {
  index: number
  /** Null: the other side was closed. */
  data: { value: unknown; ports: readonly object[] } | null
}

/** How far deliveries are. */
interface Flow {
  taken: number
  flowing: boolean
  closed: boolean
}

export class Endpoint {
  readonly queue: Message[] = []
  readonly flow: Watched<Flow>
  private readonly sending: number
  private readonly listening: number
  closed = false
  /** The object that the program has of it; a transferred port is another object than before. */
  target: object | null = null

  constructor(
    readonly runtime: RuntimeHooks,
    readonly execution: Execution,
    readonly record: ObjectRecord,
    readonly listeners: Listeners,
    flowing: boolean,
    private readonly newEvent: (target: object, message: NonNullable<Message['data']>) => Event,
  ) {
    this.flow = new Watched(record, record.location(DELIVERIES), { taken: 0, flowing, closed: false })
    this.sending = record.location(MESSAGES)
    this.listening = record.location(LISTENERS)
  }

  private get recorder(): Recorder {
    return this.runtime.recorder as Recorder
  }

  private change(part: Partial<Flow>): void {
    this.recorder.add(this.flow.location, WRITE)
    this.flow.change({ ...this.flow.now, ...part }, this.execution.step)
  }

  /** Somebody sends something here, or finds that nobody takes it any more. */
  noteSending(site: number): void {
    this.recorder.touch(this.sending, WRITE, site)
  }

  noteListeners(kind: number): void {
    this.recorder.add(this.listening, kind)
  }

  start(): void {
    this.change({ flowing: true })
  }
  stop(): void {
    this.change({ flowing: false })
  }

  /** It goes to another object, which has no listeners yet. */
  move(target: object): void {
    this.noteListeners(WRITE)
    this.listeners.clear()
    this.stop()
    this.target = target
  }

  /** No message is delivered any more. */
  close(): void {
    this.closed = true
    this.recorder.add(this.sending, WRITE)
    this.change({ closed: true })
  }

  send(data: Message['data'], site: number): void {
    const { execution, runtime } = this
    const message: Message = { index: this.queue.length, data }
    this.queue.push(message)
    const task = execution.newTask('message', runtime.task)
    task.site = site
    task.guard = new Delivering(this, message)
    task.state = TaskState.Blocked
    task.start = () => new Frame(this.deliver(data), false, 0)
  }

  /** Takes the next message, if there is one: what `receiveMessageOnPort` does. */
  receive(site: number): Message | undefined {
    const { recorder, flow } = this
    const { taken, closed } = flow.now
    const next = closed ? undefined : this.queue[taken]
    recorder.touch(this.sending, READ, site)
    recorder.vary()
    if (next === undefined || next.data === null) {
      recorder.add(flow.location, READ)
      return undefined
    }
    this.change({ taken: taken + 1 })
    return next
  }

  take(site: number): void {
    this.recorder.touch(this.flow.location, WRITE, site)
    const { now } = this.flow
    this.flow.change({ ...now, taken: now.taken + 1 }, this.execution.step)
  }

  private *deliver(data: Message['data']): Generator<unknown, void, unknown> {
    if (data === null) {
      this.closed = true
      yield* this.emit('close', undefined, () => new Event('close'))
      return
    }
    let event: Event | undefined
    yield* this.emit('message', data.value, () => {
      event ??= this.newEvent(this.target as object, data)
      return event
    })
  }

  /** Calls who listens, one after the other: as Node does, the others too if one of them throws. */
  *emit(type: string, value: unknown, event: () => Event): Generator<unknown, void, unknown> {
    const { runtime, execution, target } = this
    this.noteListeners(READ)
    for (const listener of [...this.listeners.of(type)]) {
      if (listener.removed) continue
      if (listener.once) this.removeListener(listener)
      const args = listener.takesValue ? (type === 'message' ? [value] : []) : [event()]
      try {
        const call = callbackOf(listener, target)
        if (call !== null && runtime.call(call.callback, call.self, args, 0)) yield
      } catch (error) {
        execution.fail(runtime.task, 'error', undefined, error)
      }
    }
  }

  addListener(listener: Listener): void {
    this.noteListeners(WRITE)
    if (!this.listeners.add(listener)) return
    if (listener.type === 'message' && this.listeners.of('message').length === 1) this.start()
  }

  removeListener(listener: Listener | undefined): void {
    this.noteListeners(WRITE)
    if (listener === undefined) return
    this.listeners.remove(listener)
    if (listener.type === 'message' && this.listeners.of('message').length === 0) this.stop()
  }
}

function callbackOf({ callback }: Listener, target: object | null): { callback: Function; self: unknown } | null {
  if (typeof callback === 'function') return { callback, self: target }
  const { handleEvent } = callback as { handleEvent?: unknown }
  return typeof handleEvent === 'function' ? { callback: handleEvent, self: callback } : null
}

/** A message waits for those before it, for the port to be started, and for who listens. */
class Delivering extends Awaiting<Flow> {
  readonly kind = WRITE
  readonly owned = false

  constructor(
    private readonly endpoint: Endpoint,
    private readonly message: Message,
  ) {
    super(endpoint.flow)
  }

  protected ready({ taken, flowing, closed }: Flow): boolean {
    return !closed && taken === this.message.index && (flowing || this.message.data === null)
  }
  perform({ site }: { site: number }): void {
    this.endpoint.take(site)
  }
  holders(): readonly never[] {
    return []
  }
  describe(name: string): string {
    return `messages of ${name || 'a port'}`
  }
}
