import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { countTraces } from './support/count.js'

type Act = (s: State) => unknown
const listener = () => {}
const setup = () => {
  const seen = ''
  return {
    calls: 0,
    map: new Map([['a', 1]]),
    set: new Set(['a']),
    weakMap: new WeakMap([[listener, 1]]),
    emitter: new EventEmitter(),
    listened: new EventEmitter().on('x', listener),
    listenedOnce: new EventEmitter().once('x', listener),
    target: new EventTarget(),
    controller: new AbortController(),
    params: new URLSearchParams('a=1'),
    buffer: Buffer.from('abcd'),
    sticky: /a/y,
    object: { x: 1 } as Record<string, number>,
    empty: {} as Record<string, number>,
    nested: { list: [{ b: 1 }], map: new Map([['a', { b: 1 }]]) },
    seen,
  }
}
type State = ReturnType<typeof setup>

const write: Act = s => {
  s.nested.list[0].b = 2
}
const call = (s: State) => () => {
  s.calls++
}

/** One changes what an object keeps inside, the other looks. */
const pairs: Record<string, [change: Act, look: Act]> = {
  'map.delete, map.size': [s => s.map.delete('a'), s => s.map.size],
  'map.clear, map.size': [s => s.map.clear(), s => s.map.size],
  'set.add, set.size': [s => s.set.add('b'), s => s.set.size],
  'set.delete, set.size': [s => s.set.delete('a'), s => s.set.size],
  'weakMap.delete, weakMap.has': [s => s.weakMap.delete(listener), s => s.weakMap.has(listener)],
  'emitter.on, emit': [s => s.emitter.on('x', listener), s => s.emitter.emit('x')],
  'emitter.off, emit': [s => s.listened.off('x', listener), s => s.listened.emit('x')],
  'emitter.removeAllListeners, emit': [s => s.listened.removeAllListeners(), s => s.listened.emit('x')],
  'emitter.on, eventNames': [s => s.emitter.on('x', listener), s => s.emitter.eventNames()],
  'emit to a listener for once, emit': [s => s.listenedOnce.emit('x'), s => s.listenedOnce.emit('x')],
  'emit to a listener for once, listenerCount': [s => s.listenedOnce.emit('x'), s => s.listenedOnce.listenerCount('x')],
  'addEventListener, dispatchEvent': [
    s => s.target.addEventListener('x', call(s)),
    s => {
      s.target.dispatchEvent(new Event('x'))
      return s.calls
    },
  ],
  'abort, signal.aborted': [s => s.controller.abort(), s => s.controller.signal.aborted],
  'abort, signal.throwIfAborted': [
    s => s.controller.abort(),
    s => {
      try {
        return s.controller.signal.throwIfAborted()
      } catch {
        return 'aborted'
      }
    },
  ],
  'searchParams.set, get': [s => s.params.set('a', '2'), s => s.params.get('a')],
  'searchParams.delete, toString': [s => s.params.delete('a'), s => s.params.toString()],
  'buffer.writeUInt8, readUInt8': [s => s.buffer.writeUInt8(7, 1), s => s.buffer.readUInt8(1)],
  'buffer.fill, toString': [s => s.buffer.fill('x'), s => s.buffer.toString()],
  'buffer.copy, an element': [s => Buffer.from('z').copy(s.buffer), s => s.buffer[0]],
  'regexp.test, lastIndex': [s => s.sticky.test('aa'), s => s.sticky.lastIndex],
  'Object.freeze, a write': [s => Object.freeze(s.object), s => Reflect.set(s.object, 'x', 2)],
  'Object.freeze, a new key': [s => Object.freeze(s.empty), s => Reflect.set(s.empty, 'x', 2)],
  'Object.freeze, Object.isFrozen': [s => Object.freeze(s.object), s => Object.isFrozen(s.object)],
  'Object.setPrototypeOf, getPrototypeOf': [
    s => Object.setPrototypeOf(s.empty, s.object),
    s => Object.getPrototypeOf(s.empty) === s.object,
  ],
  'a nested write, JSON.stringify': [write, s => JSON.stringify(s.nested)],
  'a nested write, structuredClone': [write, s => structuredClone(s.nested).list[0].b],
  'a write inside a map, structuredClone': [
    s => {
      ;(s.nested.map.get('a') as { b: number }).b = 2
    },
    s => structuredClone(s.nested).map.get('a')?.b,
  ],
}

const noting =
  (look: Act): Act =>
  s => {
    s.seen = String(look(s))
  }
const only =
  (act: Act): Act =>
  s => {
    act(s)
  }

describe.each(['tasks', 'threads'] as const)('%s: what an object keeps inside is seen', unit => {
  test.each(Object.entries(pairs))('%s', async (_, [change, look]) => {
    const program = { setup, [unit]: [only(change), noting(look)], outcome: (s: State) => s.seen }
    expect(Object.keys((await countTraces(program)).outcomes)).toHaveLength(2)
  })
})

test('a listener is added before and after the abort', async () => {
  const { outcomes } = await countTraces({
    setup,
    tasks: [s => s.controller.abort(), s => s.controller.signal.addEventListener('abort', call(s))],
    outcome: s => String(s.calls),
  })
  expect(outcomes).toEqual({ 0: 1, 1: 1 })
})

test('AbortSignal.timeout fires before and after somebody looks', async () => {
  const { outcomes } = await countTraces({
    setup: () => ({ seen: '', signal: undefined as AbortSignal | undefined }),
    tasks: [
      async s => {
        const signal = AbortSignal.timeout(10)
        await null
        s.seen = String(signal.aborted)
      },
    ],
    outcome: s => s.seen,
  })
  expect(Object.keys(outcomes).sort()).toEqual(['false', 'true'])
})

test('a thread is interrupted between two emits', async () => {
  const { outcomes } = await countTraces({
    setup: () => ({ emitter: new EventEmitter(), calls: 0 }),
    threads: [
      ({ emitter }) => {
        emitter.emit('x')
        emitter.emit('x')
      },
      s => {
        s.emitter.on('x', () => s.calls++)
      },
    ],
    outcome: s => String(s.calls),
  })
  expect(Object.keys(outcomes).sort()).toEqual(['0', '1', '2'])
})

describe('what does not meet costs no order', () => {
  test.each<[string, Act, Act]>([
    ['two sizes', s => s.map.size, s => s.map.size],
    ['a value and the size', s => s.map.set('a', 2), s => s.map.size],
    ['two events', s => s.emitter.on('x', listener), s => s.emitter.emit('y')],
    ['two emits', s => s.listened.emit('x'), s => s.listened.emit('x')],
    ['two bytes of a buffer', s => s.buffer[0]++, s => s.buffer[1]++],
    ['two patterns without a position', s => /a/.test('a') && s.calls, s => /b/.test('b') && s.calls],
    ['freezing and reading', s => Object.freeze(s.object), s => s.object.x],
    ['two clones', s => structuredClone(s.nested), s => JSON.stringify(s.nested)],
  ])('%s', async (_, one, other) => {
    expect(await countTraces({ setup, tasks: [only(one), only(other)] })).toMatchObject({ explored: 1 })
  })
})
