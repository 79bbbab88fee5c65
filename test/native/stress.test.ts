import { describe, expect, test } from 'vitest'
import type { IOEvent } from '../../src/io/index.js'
import { compile, platforms } from './support/compiler.js'
import { inFolder, type Observed, observe, type Through } from './support/observe.js'

const count = (events: readonly IOEvent[], kind: string, name: string): number =>
  events.filter(event => event.kind === kind && event.resourceId.endsWith(`/${name}`)).length

describe.each(platforms())('a C program is not disturbed, on $name', platform => {
  const run = (mode: string, through: Through): Promise<Observed> =>
    inFolder(async folder => {
      const program = compile(platform.cc, 'stress.c', ['-pthread', ...(platform.name === 'musl' ? [] : ['-lrt'])])
      const observed = await observe(platform, program, mode, folder, through)
      expect(observed).toMatchObject({ code: 0, signal: null, stderr: '' })
      return observed
    })

  test('by threads that reuse the numbers of descriptors: each event names its own file', async () => {
    const { events } = await run('threads', 'log')
    for (let i = 0; i < 8; i++) {
      const own = events.filter(event => event.resourceId.endsWith(`/thread-${i}`))
      expect(new Set(own.map(event => event.tid)).size).toBe(1)
      expect(own.filter(event => event.kind === 'write').length).toBe(400)
      expect(own.filter(event => event.kind === 'read').length).toBe(200)
    }
  })

  test('by signals that write themselves', async () => {
    const { events } = await run('interrupts', 'log')
    expect(count(events, 'write', 'signals')).toBeGreaterThanOrEqual(200)
    expect(count(events, 'write', 'main')).toBeGreaterThan(0)
    expect(events.some(event => event.kind === 'lost')).toBe(false)
  })

  // Under qemu, exec leaves the emulator, and with it the library.
  test.runIf(platform.arch === process.arch)('by fork, vfork and exec: children tell for themselves', async () => {
    const { events } = await run('children', 'log')
    const children = (name: string) =>
      events.filter(event => event.kind === 'write' && event.resourceId.endsWith(`/${name}`)).map(event => event.pid)
    expect(new Set(children('forked')).size).toBe(20)
    expect(new Set(children('executed')).size).toBe(20)
    expect(new Set(children('background')).size).toBe(1)
  })

  test('by a pipe that nobody reads: it never blocks, and says that events are missing', async () => {
    const { events } = await run('flood', 'pipe')
    const lost = events.filter(event => event.kind === 'lost')
    const written = count(events, 'write', 'flood')
    expect(written).toBeGreaterThan(100)
    expect(written).toBeLessThan(40_000)
    // Told at once; how many more there were has to wait for room, which there never is.
    expect(lost.map(event => event.length)).toEqual([1])
    expect(events.at(-1)?.kind).toBe('lost')
  })

  test('by a slow reader, who learns how many events are missing', async () => {
    const { events } = await run('flood', 'socket')
    const lost = events.filter(event => event.kind === 'lost').reduce((sum, event) => sum + event.length, 0)
    const written = count(events, 'write', 'flood')
    expect(written + lost).toBeLessThanOrEqual(40_001)
    expect(written + lost).toBeGreaterThan(100)
  })

  test.runIf(platform.arch === process.arch)('by records in a pipe that has the number of the channel', async () => {
    const { events } = await run('other-pipe', 'pipe')
    expect(count(events, 'write', 'executed')).toBe(0)
  })

  test('in its error numbers', async () => {
    await run('errors', 'pipe')
  })

  test('when it closes all descriptors and takes their numbers', async () => {
    const { events } = await run('close-all', 'pipe')
    expect(count(events, 'open', 'after')).toBe(1)
  })
})
