import { once } from 'node:events'
import { BroadcastChannel, MessageChannel, MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { exploreDpor, type TaskFunction } from 'frontrun'
import { describe, expect, test } from 'vitest'
import { runEverySchedule } from '../support/every-schedule.js'
import { countTraces } from './support/count.js'

type Port = InstanceType<typeof MessagePort>
/** Node's types leave out what its ports have. */
type WithHandler = Port & { onmessage: ((event: MessageEvent) => unknown) | null }
interface State {
  a: InstanceType<typeof MessageChannel>
  b: InstanceType<typeof MessageChannel>
  log: string[]
}
type Body = TaskFunction<State>

const setup = (): State => ({ a: new MessageChannel(), b: new MessageChannel(), log: [] })
const print = ({ log }: State): string => log.join()

/** The orders of notes, each with how often it comes about: by the exploration, and by every schedule. */
async function logs(unit: 'tasks' | 'threads', ...bodies: Body[]): Promise<Record<string, number>> {
  const { outcomes } = await countTraces({ setup, [unit]: bodies, outcome: print })
  const all = await runEverySchedule({ setup, [unit]: bodies }, print, 20_000)
  if (all === null) throw new Error('too many schedules')
  const expected: Record<string, number> = {}
  for (const ending of all.endings.values()) expected[ending] = (expected[ending] ?? 0) + 1
  expect(outcomes).toEqual(expected)
  return outcomes
}

const hear = (s: State, port: Port, prefix = ''): void => void port.on('message', value => s.log.push(prefix + value))

describe('ports', () => {
  test('messages of one port arrive in order, those of two in any order', async () => {
    const outcomes = await logs('tasks', s => {
      hear(s, s.a.port2)
      hear(s, s.b.port2)
      s.a.port1.postMessage('a1')
      s.a.port1.postMessage('a2')
      s.b.port1.postMessage('b1')
    })
    expect(outcomes).toEqual({ 'a1,a2,b1': 1, 'a1,b1,a2': 1, 'b1,a1,a2': 1 })
  })

  test('two senders to one port, in both orders', async () => {
    const outcomes = await logs(
      'tasks',
      s => {
        hear(s, s.a.port2)
        s.a.port1.postMessage('x')
      },
      s => s.a.port1.postMessage('y'),
    )
    expect(outcomes).toEqual({ 'x,y': 1, 'y,x': 1 })
  })

  test('a message comes after what its sender did before', async () => {
    const result = await exploreDpor({
      setup,
      tasks: [
        async s => {
          s.log.push('before')
          await null
          s.a.port1.postMessage('go')
        },
        s => {
          ;(s.a.port2 as WithHandler).onmessage = () => expect(s.log).toEqual(['before'])
        },
      ],
      invariant: () => true,
      errorOnAnyRace: true,
    })
    expect(result.explanation).toBeUndefined()
    expect(result.exhaustive).toBe(true)
  })

  test('an answer: read-modify-write by messages loses updates', async () => {
    const result = await exploreDpor({
      setup: () => ({ n: 0, channels: [new MessageChannel(), new MessageChannel()] }),
      tasks: [
        s => {
          for (const { port2 } of s.channels)
            port2.on('message', ({ set }) => {
              if (set === undefined) port2.postMessage(s.n)
              else s.n = set
            })
        },
        ...[0, 1].map(
          (i): TaskFunction<{ n: number; channels: State['a'][] }> =>
            s => {
              const { port1 } = s.channels[i]
              port1.on('message', n => port1.postMessage({ set: n + 1 }))
              port1.postMessage({})
            },
        ),
      ],
      invariant: s => s.n === 2,
    })
    expect(result.failureKind).toBe('invariant')
    expect(result.reproductionSuccesses).toBe(10)
    expect(result.explanation).toMatch('Lost update')
  })

  test('all kinds of listeners, in the order in which they came; events have their target and data', async () => {
    const outcomes = await logs('tasks', s => {
      const { port1, port2 } = s.a
      const twice = (value: unknown): number => s.log.push(`twice ${value}`)
      port2.once('message', value => s.log.push(`once ${value}`))
      port2.addEventListener('message', event => {
        const { data, target, type } = event as MessageEvent
        s.log.push(`event ${data} ${target === port2} ${type} ${event instanceof MessageEvent}`)
      })
      port2.addEventListener('message', {
        handleEvent: (event: Event) => s.log.push(`object ${(event as MessageEvent).data}`),
      })
      ;(port2 as WithHandler).onmessage = event => s.log.push(`handler ${event.data}`)
      port2.on('message', twice)
      port2.on('message', twice)
      port1.postMessage(1)
      port1.postMessage(2)
      s.log.push(`${port2.listenerCount('message')}`)
    })
    const rest = (n: number): string => `event ${n} true message true,object ${n},handler ${n},twice ${n}`
    expect(outcomes).toEqual({ [`5,once 1,${rest(1)},${rest(2)}`]: 1 })
  })

  test('nothing arrives before somebody listens, nor once nobody does', async () => {
    const outcomes = await logs(
      'tasks',
      s => {
        s.a.port1.postMessage(1)
        s.a.port1.postMessage(2)
      },
      s => {
        const stop = (value: unknown): void => {
          s.log.push(String(value))
          s.a.port2.off('message', stop)
        }
        s.a.port2.on('message', stop)
      },
    )
    expect(outcomes).toEqual({ 1: 1 })
  })

  test('a port that is closed takes nothing any more; what was sent before the other side was closed arrives', async () => {
    const outcomes = await logs('tasks', s => {
      hear(s, s.a.port2)
      s.a.port2.on('close', () => s.log.push('closed'))
      s.a.port1.postMessage(1)
      s.a.port1.close()
      s.a.port1.postMessage(2)
      hear(s, s.b.port2)
      s.b.port1.postMessage(3)
      s.b.port2.close()
    })
    expect(outcomes).toEqual({ '1,closed': 1 })
  })

  test('closing against delivering', async () => {
    const outcomes = await logs(
      'tasks',
      s => {
        hear(s, s.a.port2)
        s.a.port1.postMessage(1)
      },
      s => {
        s.log.push('close')
        s.a.port2.close()
      },
    )
    expect(Object.keys(outcomes).sort()).toEqual(['1,close', 'close'])
  })

  test('receiveMessageOnPort takes what is there', async () => {
    const outcomes = await logs(
      'tasks',
      s => s.a.port1.postMessage({ x: 1 }),
      s => {
        s.log.push(JSON.stringify(receiveMessageOnPort(s.a.port2) ?? null), String(receiveMessageOnPort(s.a.port2)))
      },
    )
    expect(outcomes).toEqual({ '{"message":{"x":1}},undefined': 1, 'null,undefined': 1 })
  })

  test('the same between threads', async () => {
    const outcomes = await logs(
      'threads',
      s => s.a.port1.postMessage('x'),
      s => s.log.push(receiveMessageOnPort(s.a.port2)?.message ?? 'none'),
    )
    expect(Object.keys(outcomes).sort()).toEqual(['none', 'x'])
  })

  test('a handler that throws is an error of the execution, one that is async a task', async () => {
    const program = (handler: (s: State) => unknown): Body[] => [
      s => {
        s.a.port2.on('message', () => handler(s))
        s.a.port1.postMessage(1)
      },
    ]
    const thrown = await exploreDpor({
      setup,
      tasks: program(() => {
        throw new Error('no')
      }),
      invariant: () => true,
    })
    expect(thrown).toMatchObject({ failureKind: 'error', error: new Error('no') })
    const suspended = await exploreDpor({
      setup,
      tasks: program(async s => {
        await null
        s.log.push('done')
      }),
      invariant: s => print(s) === 'done',
    })
    expect(suspended.explanation).toBeUndefined()
  })
})

describe('what is sent', () => {
  test('is a copy, made when it is sent', async () => {
    const outcomes = await logs('tasks', s => {
      const value = { list: [1], map: new Map([['k', new Date(5)]]) }
      s.a.port2.on('message', got => s.log.push(`${got.list} ${got.map.get('k').getTime()} ${got === value}`))
      s.a.port1.postMessage(value)
      value.list.push(2)
    })
    expect(outcomes).toEqual({ '1 5 false': 1 })
  })

  test('shared memory stays shared, buffers move', async () => {
    const outcomes = await logs('tasks', s => {
      const cells = new Int32Array(new SharedArrayBuffer(8))
      const buffer = new ArrayBuffer(4)
      s.a.port2.on('message', got => {
        Atomics.add(got.cells, 0, 1)
        s.log.push(`${got.buffer.byteLength} ${cells[0]}`)
      })
      s.a.port1.postMessage({ cells, buffer }, [buffer])
      s.log.push(`${buffer.byteLength}`)
    })
    expect(outcomes).toEqual({ '0,4 1': 1 })
  })

  test('accesses of shared memory through a message conflict with those of the sender', async () => {
    const { outcomes } = await countTraces({
      setup: () => ({ ...setup(), seen: -1 }),
      tasks: [
        async s => {
          const cells = new Int32Array(new SharedArrayBuffer(8))
          s.a.port2.on('message', (got: Int32Array) => {
            got[0] = 1
          })
          s.a.port1.postMessage(cells)
          await null
          s.seen = cells[0]
        },
      ],
      outcome: s => String(s.seen),
    })
    expect(outcomes).toEqual({ 0: 1, 1: 1 })
  })

  test('a port goes along with its messages', async () => {
    const outcomes = await logs('tasks', s => {
      const { port1, port2 } = new MessageChannel()
      port1.postMessage('early')
      s.a.port2.on('message', ({ reply }) => {
        s.log.push(String(reply instanceof MessagePort && reply !== port2))
        hear(s, reply)
      })
      s.a.port1.postMessage({ reply: port2 }, [port2])
      port1.postMessage('late')
    })
    expect(outcomes).toEqual({ 'true,early,late': 1 })
  })

  test.each<[string, Body]>([
    ['DataCloneError', s => s.a.port1.postMessage(() => {})],
    ['TypeError', s => s.a.port1.postMessage(s.b.port1)],
    ['DataCloneError', s => s.a.port1.postMessage(1, [s.a.port1])],
    ['TypeError', s => Reflect.apply(s.a.port1.postMessage, s.a.port1, [])],
  ])('%s', async (name, body) => {
    const outcomes = await logs('tasks', s => {
      try {
        body(s)
      } catch (error) {
        s.log.push((error as Error).name)
      }
    })
    expect(outcomes).toEqual({ [name]: 1 })
  })
})

test('events.once waits for a message', async () => {
  const outcomes = await logs(
    'tasks',
    async s => {
      const [value] = await once(s.a.port2, 'message')
      s.log.push(String((value as MessageEvent).data ?? value))
    },
    s => s.a.port1.postMessage('hello'),
  )
  expect(outcomes).toEqual({ hello: 1 })
})

describe('broadcast channels', () => {
  test('reach all others of their name, in any order', async () => {
    const outcomes = await logs('tasks', s => {
      const [one, two, three, other] = ['x', 'x', 'x', 'y'].map(name => new BroadcastChannel(name))
      for (const [name, channel] of Object.entries({ one, two, three, other }))
        channel.onmessage = event => s.log.push(`${name} ${(event as MessageEvent).data}`)
      one.postMessage('m')
    })
    expect(outcomes).toEqual({ 'two m,three m': 1, 'three m,two m': 1 })
  })

  test('one that is closed neither gets nor sends', async () => {
    const outcomes = await logs('tasks', s => {
      const [one, two] = [new BroadcastChannel('x'), new BroadcastChannel('x')]
      two.onmessage = () => s.log.push('heard')
      s.log.push(`${one.name} ${one instanceof BroadcastChannel}`)
      two.close()
      one.postMessage('m')
      one.close()
      try {
        one.postMessage('m')
      } catch (error) {
        s.log.push((error as Error).name)
      }
    })
    expect(outcomes).toEqual({ 'x true,InvalidStateError': 1 })
  })
})

test('objects are of the real classes', async () => {
  const outcomes = await logs('tasks', ({ a, log }) => {
    log.push(
      [a instanceof MessageChannel, a.port1 instanceof MessagePort, a.port1 instanceof EventTarget].join(' '),
      a.port1.constructor.name,
      Object.keys(a).join(' '),
    )
  })
  expect(outcomes).toEqual({ 'true true true,MessagePort,port1 port2': 1 })
})

test('workers, and ports from outside, are refused', async () => {
  const outside = new MessageChannel()
  const refused = async (body: () => unknown): Promise<string | undefined> =>
    (await exploreDpor({ setup, tasks: [body], invariant: () => true })).explanation
  expect(await refused(() => new Worker('1', { eval: true }))).toMatch(
    'Explore the functions that it runs as `threads`',
  )
  expect(await refused(() => outside.port1.postMessage(1))).toMatch('this port was made outside of the exploration')
  outside.port1.close()
})

test('after an exploration channels are real', async () => {
  await exploreDpor({ setup, tasks: [() => {}], invariant: () => true })
  const { port1, port2 } = new MessageChannel()
  port1.postMessage(5)
  expect(receiveMessageOnPort(port2)).toEqual({ message: 5 })
  port1.close()
})
