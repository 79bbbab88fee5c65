/**
 * `MessageChannel`, `MessagePort`, `BroadcastChannel` and `receiveMessageOnPort` in an exploration: nothing enters the
 * event loop; each message is delivered by a task of its own. Objects are instances of the real classes.
 */
import { createRequire } from 'node:module'
import type { Execution } from '../execution.js'
import { constructors, declare } from '../functions.js'
import { BUILTIN, type LocationTable, MEMBERS, ObjectRecord, stamp } from '../identity.js'
import type { RuntimeHooks } from '../iteration.js'
import { apply, isObject } from '../natives.js'
import { READ, type Recorder, WRITE } from '../recorder.js'
import { cloneMessage, type Transfer } from './cloning.js'
import { Endpoint, type Message } from './endpoint.js'
import { Listeners } from './listeners.js'
import { Methods } from './methods.js'

const require = createRequire(import.meta.url)

const OUTSIDE =
  'this port was made outside of the exploration: its messages cannot be scheduled. Make channels in setup or in the tasks'

export function installChannels(runtime: RuntimeHooks): void {
  const { MessagePort, MessageChannel, BroadcastChannel, Worker, receiveMessageOnPort } = require('node:worker_threads')
  const endpoints = new WeakMap<object, Endpoint | null>()
  const others = new WeakMap<Endpoint, Endpoint>()

  const endpointOf = (self: object): Endpoint | null => {
    const endpoint = endpoints.get(self)
    if (endpoint === undefined) throw new TypeError('Illegal invocation')
    return endpoint
  }

  function newEvent(target: object, { value, ports }: NonNullable<Message['data']>): Event {
    const event = new MessageEvent('message', { data: value })
    const fixed = { target, currentTarget: target, srcElement: target, ports }
    for (const [key, own] of Object.entries(fixed)) Object.defineProperty(event, key, { value: own })
    runtime.identify(event)
    return event
  }

  /** An object of a real class whose methods are ours. */
  function classOf(Real: Function): { prototype: object } {
    class Virtual {}
    Reflect.deleteProperty(Virtual.prototype, 'constructor')
    Object.setPrototypeOf(Virtual.prototype, Real.prototype)
    return Virtual
  }
  function create(Virtual: { prototype: object }): object {
    const target = Reflect.construct(EventTarget, [], Virtual as unknown as Function) as Record<symbol, unknown>
    // What Node keeps on every event target is not used here, and no state of the program.
    for (const key of Object.getOwnPropertySymbols(target)) {
      const own = target[key]
      if (isObject(own)) stamp(own, BUILTIN)
    }
    return target
  }

  function newEndpoint(target: object, flowing: boolean, site: number): Endpoint {
    runtime.identify(target)
    const record = (runtime.recorder as Recorder).record(target, site)
    const endpoint = new Endpoint(runtime, runtime.execution as Execution, record, new Listeners(), flowing, newEvent)
    endpoint.target = target
    endpoints.set(target, endpoint)
    return endpoint
  }

  // --- ports -------------------------------------------------------------------------------------------------------

  const Port = classOf(MessagePort)
  const isPort = (value: object): boolean => value instanceof MessagePort
  const methods = new Methods(runtime, Port.prototype, endpointOf)
  methods.addEventTarget()
  methods.addEmitter()
  methods.addHandler('message')
  methods.addHandler('messageerror')
  methods.add('start', endpoint => endpoint.start())
  methods.add('ref', () => undefined)
  methods.add('unref', () => undefined)
  methods.add('hasRef', endpoint => endpoint.listeners.of('message').length > 0)
  methods.add('postMessage', (endpoint, self, args, site) => {
    if (args.length === 0)
      throw Object.assign(new TypeError('Not enough arguments to MessagePort.postMessage'), {
        code: 'ERR_MISSING_ARGS',
      })
    const other = others.get(endpoint) as Endpoint
    other.noteSending(site)
    const data = cloneMessage(runtime, args[0], transferOf(args[1], self), isPort, site)
    if (!endpoint.closed && !other.closed) other.send(data, site)
  })
  methods.add('close', (endpoint, _, __, site) => {
    const other = others.get(endpoint) as Endpoint
    if (endpoint.closed) return
    endpoint.close()
    if (!other.closed) {
      other.noteSending(site)
      other.send(null, site)
    }
    const task = endpoint.execution.newTask('message', runtime.task)
    task.site = site
    task.start = () => endpoint.execution.begin(closing(endpoint), [])
  })

  /** Tells those who listen on a port that was closed. */
  const closing = (endpoint: Endpoint): Function => {
    const run = (): void => {}
    declare(run, (_, __, ___, site) =>
      runtime.coroutine(
        endpoint.emit('close', undefined, () => new Event('close')),
        false,
        site,
      ),
    )
    return run
  }

  function transferOf(list: unknown, source: object): Transfer {
    const given: unknown = Array.isArray(list) ? list : (list as { transfer?: unknown } | undefined)?.transfer
    const transfer: Transfer = { moved: new Map(), buffers: [] }
    for (const each of Array.isArray(given) ? given : []) {
      if (each === source) throw new DOMException('Transfer list contains source port', 'DataCloneError')
      if (each instanceof ArrayBuffer) transfer.buffers.push(each)
      else if (endpoints.get(each)) transfer.moved.set(each, () => move(each))
      else
        throw new Error(
          'frontrun: only buffers, and ports that were made in this execution, can be transferred in an exploration',
        )
    }
    return transfer
  }

  /** The port that comes out at the other end; the old one does nothing any more. */
  function move(port: object): object {
    const endpoint = endpointOf(port) as Endpoint
    const target = create(Port)
    runtime.identify(target)
    endpoints.set(port, null)
    endpoints.set(target, endpoint)
    endpoint.move(target)
    return target
  }

  constructors.set(MessageChannel, (_, __, ___, site) => {
    const channel = Object.create(MessageChannel.prototype) as Record<string, object>
    runtime.identify(channel)
    const [one, two] = ['port1', 'port2'].map(name => {
      const port = create(Port)
      Object.defineProperty(channel, name, { value: port, writable: true, enumerable: true, configurable: true })
      return newEndpoint(port, false, site)
    }) as [Endpoint, Endpoint]
    others.set(one, two)
    others.set(two, one)
    runtime.value = channel
    return false
  })

  declare(receiveMessageOnPort, (native, self, [port], site) => {
    const endpoint = typeof port === 'object' && port !== null ? endpoints.get(port) : undefined
    if (endpoint === undefined || endpoint === null) {
      runtime.value = endpoint === null ? undefined : apply(native, self, [port])
      return false
    }
    return runtime.pointwise(site, () => {
      const message = endpoint.receive(site)
      return message === undefined ? undefined : runtime.made({ message: message.data?.value })
    })
  })

  for (const name of ['postMessage', 'start', 'close'])
    declare(MessagePort.prototype[name], () => {
      throw new Error(`frontrun: ${OUTSIDE}`)
    })

  // --- broadcast channels ------------------------------------------------------------------------------------------

  interface Group {
    record: ObjectRecord
    execution: Execution
    members: Set<Endpoint>
  }
  const groups = new WeakMap<LocationTable, Map<string, Group>>()
  const names = new WeakMap<Endpoint, string>()

  function groupOf(name: string): Group {
    const { locations } = runtime.recorder as Recorder
    const execution = runtime.execution as Execution
    const all = groups.get(locations) ?? new Map<string, Group>()
    groups.set(locations, all)
    const known = all.get(name)
    if (known?.execution === execution) return known
    const record = known?.record ?? new ObjectRecord(`the broadcast channel '${name}'`, locations)
    const group = { record, execution, members: new Set<Endpoint>() }
    all.set(name, group)
    return group
  }
  const noteMembers = ({ record }: Group, kind: number, site: number): void =>
    (runtime.recorder as Recorder).touch(record.location(MEMBERS), kind, site)

  const Broadcast = classOf(BroadcastChannel)
  const broadcast = new Methods(runtime, Broadcast.prototype, endpointOf)
  broadcast.addEventTarget()
  broadcast.addHandler('message')
  broadcast.addHandler('messageerror')
  broadcast.add('ref', (_, self) => self)
  broadcast.add('unref', (_, self) => self)
  Object.defineProperty(Broadcast.prototype, 'name', {
    get(this: object) {
      return names.get(endpointOf(this) as Endpoint)
    },
  })
  broadcast.add('postMessage', (endpoint, _, args, site) => {
    if (args.length === 0)
      throw Object.assign(new TypeError('The "message" argument must be specified'), { code: 'ERR_MISSING_ARGS' })
    if (endpoint.closed) throw new DOMException('BroadcastChannel is closed.', 'InvalidStateError')
    const group = groupOf(names.get(endpoint) as string)
    noteMembers(group, READ, site)
    for (const member of group.members) {
      if (member === endpoint) continue
      member.noteSending(site)
      member.send(cloneMessage(runtime, args[0], { moved: new Map(), buffers: [] }, isPort, site), site)
    }
  })
  broadcast.add('close', (endpoint, _, __, site) => {
    if (endpoint.closed) return
    const group = groupOf(names.get(endpoint) as string)
    noteMembers(group, WRITE, site)
    group.members.delete(endpoint)
    endpoint.close()
  })

  constructors.set(BroadcastChannel, (native, _, args, site) => {
    if (args.length === 0) Reflect.construct(native, args)
    const name = String(args[0])
    const make = (): object => {
      const channel = create(Broadcast)
      const endpoint = newEndpoint(channel, false, site)
      names.set(endpoint, name)
      const group = groupOf(name)
      noteMembers(group, WRITE, site)
      group.members.add(endpoint)
      return channel
    }
    return runtime.pointwise(site, make)
  })

  // --- workers -----------------------------------------------------------------------------------------------------

  constructors.set(Worker, () => {
    throw new Error(
      'frontrun: a Worker runs on a thread of its own, which cannot be scheduled. Explore the functions that it runs as `threads`, on the memory or the ports that they share.',
    )
  })
}
