/**
 * Messages of channels. A message comes to each subscriber of this process in a task of its own, those of one subscriber
 * in their order, started by the step that published it.
 */
import type { Execution } from '../../runtime/execution.js'
import type { RuntimeHooks } from '../../runtime/iteration.js'

interface Inbox {
  readonly messages: (() => unknown)[]
  isOpen: boolean
}

interface Subscriber {
  readonly client: WeakRef<object>
  readonly ping: (client: object) => Promise<unknown>
}

export class Subscriptions {
  private readonly subscribers: Subscriber[] = []
  private readonly known = new WeakSet<object>()
  /** Of the operations under way: what has come meanwhile is handed out when they are over, in an order that is none of the network's. */
  private waiting = 0
  private readonly arrived = new Map<object, (() => unknown)[]>()
  private readonly inboxes = new WeakMap<Execution, Map<object, Inbox>>()

  constructor(private readonly runtime: RuntimeHooks) {}

  /** `ping` asks the server something over the client's connection: after the answer, earlier messages have come. */
  add(client: object, ping: (client: object) => Promise<unknown>): void {
    if (this.known.has(client)) return
    this.known.add(client)
    this.subscribers.push({ client: new WeakRef(client), ping })
  }

  /** A message has come: `deliver` tells the listeners. */
  receive(subscriber: object, deliver: () => unknown): void {
    const messages = this.arrived.get(subscriber) ?? []
    messages.push(deliver)
    this.arrived.set(subscriber, messages)
    if (this.waiting === 0) this.handOut()
  }

  /** Does what may publish something; over when what it published is here. */
  async whilePublishing<T>(publish: () => Promise<T>): Promise<T> {
    this.waiting++
    try {
      return await publish()
    } finally {
      await this.settle()
      this.waiting--
      if (this.waiting === 0) this.handOut()
    }
  }

  private async settle(): Promise<void> {
    for (const { client: ref, ping } of this.subscribers) {
      const client = ref.deref()
      // A connection that is closed gets no more messages.
      if (client !== undefined) await ping(client).catch(() => {})
    }
  }

  private handOut(): void {
    const arrived = [...this.arrived]
    this.arrived.clear()
    const execution = this.runtime.execution as Execution | null
    const place = (subscriber: object): number =>
      this.subscribers.findIndex(({ client }) => client.deref() === subscriber)
    arrived.sort(([a], [b]) => place(a) - place(b))
    for (const [subscriber, messages] of arrived)
      for (const deliver of messages)
        if (execution?.stepped) this.enqueue(execution, subscriber, deliver)
        else deliver()
  }

  private enqueue(execution: Execution, subscriber: object, deliver: () => unknown): void {
    const inboxes = this.inboxes.get(execution) ?? new Map<object, Inbox>()
    this.inboxes.set(execution, inboxes)
    const inbox = inboxes.get(subscriber) ?? { messages: [], isOpen: false }
    inboxes.set(subscriber, inbox)
    inbox.messages.push(deliver)
    if (inbox.isOpen) return
    inbox.isOpen = true
    this.open(execution, inbox)
  }

  /** A task that hands the next message over, and lets the one after it follow. */
  private open(execution: Execution, inbox: Inbox): void {
    const callback = (): void => {
      inbox.messages.shift()?.()
      if (inbox.messages.length > 0) this.open(execution, inbox)
      else inbox.isOpen = false
    }
    const operation = {
      name: 'redis message',
      // Nothing but the call of the listeners.
      *phases() {},
    }
    const { outside, stepped, runtime } = execution
    const task = runtime.task ?? stepped
    if (task === null) return
    outside.inStepOf(task, () =>
      outside.start({ kind: 'callback', operation, callback, toArguments: () => [] }, outside.site, true),
    )
  }
}
