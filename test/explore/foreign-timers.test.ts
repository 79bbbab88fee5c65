import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { setTimeout as after } from 'node:timers/promises'
import { exploreDpor } from 'frontrun'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, sleep } from '../support/foreign-package.js'

const setup = () => ({ log: [] as string[] })
type State = ReturnType<typeof setup>

let server: Server
beforeAll(async () => {
  server = createServer(socket => {
    setTimeout(() => socket.end('answer'), 30)
    socket.on('error', () => {})
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.close()
})

async function logs(tasks: ((s: State) => unknown)[], clock: 'explored' | 'virtual' = 'explored'): Promise<string[]> {
  const found = new Set<string>()
  const result = await exploreDpor({
    setup,
    tasks,
    invariant: s => {
      found.add(s.log.join(' '))
    },
    clock,
    detectIo: false,
    maxExecutions: 6,
  })
  expect(result.propertyHolds, result.explanation).toBe(true)
  return [...found].sort()
}

describe.each(['explored', 'virtual'] as const)('timers of code that is not instrumented (%s)', clock => {
  test('do not fire while I/O is under way: what they guard comes first', async () => {
    const request = async (s: State) => {
      s.log.push(await ask((server.address() as AddressInfo).port, 5))
    }
    expect(await logs([request], clock)).toEqual(['answer'])
    expect(await logs([request, request], clock)).toEqual(['answer answer'])
  })

  test('never overtake work, nor timers of instrumented code that is not waiting for them', async () => {
    const foreign = async (s: State) => {
      await sleep(1)
      s.log.push('foreign')
    }
    const own = async (s: State) => {
      await null
      await null
      s.log.push('work')
    }
    expect(await logs([foreign, own], clock)).toEqual(['work foreign'])
    expect(await logs([own, foreign], clock)).toEqual(['work foreign'])
    const slept = async (s: State) => {
      await after(50)
      s.log.push('slept')
    }
    if (clock === 'explored') expect(await logs([foreign, slept], clock)).toEqual(['slept foreign'])
  })

  test('fire when nothing else can run', async () => {
    const both = async (s: State) => {
      await sleep(60_000)
      s.log.push('slept')
    }
    expect(await logs([both], clock)).toEqual(['slept'])
  })
})
