/** Programs with timers whose log is the same at every run, also natively. */
import { setTimeout as after, setInterval as every, setImmediate as immediate, scheduler } from 'node:timers/promises'
import { promisify } from 'node:util'

export type Log = (entry: unknown) => void
export type TimedProgram = (log: Log) => Promise<void> | void

const kind = (error: unknown): string => {
  const { name, code, cause, message } = error as Error & { code?: string }
  return [name, code, message.split('\n')[0], cause instanceof Error ? cause.name : cause].join('|')
}
const caught = async (log: Log, run: () => unknown): Promise<void> => {
  try {
    log(await run())
  } catch (error) {
    log(kind(error))
  }
}
const withTimeout = async <T>(work: Promise<T>, milliseconds: number): Promise<T | 'late'> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>(resolve => {
    timer = setTimeout(resolve, milliseconds, 'late')
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

export const timedPrograms: Record<string, TimedProgram> = {
  async 'timers in the order of their deadlines'(log) {
    setTimeout(log, 30, 'third')
    setTimeout(log, 2, 'first')
    setTimeout(log, 15, 'second')
    await after(45)
  },
  async 'arguments of callbacks'(log) {
    setTimeout((...args) => log(args), 1, 1, 'two', undefined)
    await after(10)
    setImmediate((...args) => log(args), 'i', 2)
    await after(10)
  },
  async 'a value and a signal that stays quiet'(log) {
    const { signal } = new AbortController()
    log(await after(2, 'value', { signal, ref: false }))
    log(await immediate('now', { signal }))
    log(await scheduler.wait(2, { signal }))
    log(await scheduler.yield())
  },
  async 'a sleep that is aborted'(log) {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 3)
    await caught(log, () => after(1000, 'never', { signal: controller.signal }))
    const reasoned = new AbortController()
    setTimeout(() => reasoned.abort('enough'), 3)
    await caught(log, () => scheduler.wait(1000, { signal: reasoned.signal }))
  },
  async 'a signal that is aborted already'(log) {
    const signal = AbortSignal.abort(new RangeError('why'))
    await caught(log, () => after(1, 'never', { signal }))
    await caught(log, () => immediate('never', { signal }))
    await caught(log, () => scheduler.wait(1, { signal }))
    await caught(log, () => every(1, 'never', { signal }).next())
  },
  async 'options that are wrong'(log) {
    const any = after as (...args: unknown[]) => Promise<unknown>
    await caught(log, () => any(1, 0, null))
    await caught(log, () => any(1, 0, { signal: {} }))
    await caught(log, () => any(1, 0, { ref: 1 }))
    await caught(log, () => (immediate as any)(0, { signal: 'no' }))
    await caught(log, () => (every as any)(1, 0, { ref: 'no' }).next())
  },
  async 'callbacks that are none'(log) {
    await caught(log, () => setTimeout(undefined as never, 1))
    await caught(log, () => setInterval('text' as never, 1))
    await caught(log, () => setImmediate(null as never))
    await caught(log, () => queueMicrotask(1 as never))
    await caught(log, () => process.nextTick({} as never))
    await caught(log, () => AbortSignal.timeout(-1))
  },
  async handles(log) {
    const timer = setTimeout(log, 1, 'cleared by close')
    log([timer.hasRef(), timer.unref() === timer, timer.hasRef(), timer.ref().hasRef(), timer.close() === timer])
    clearTimeout(+setTimeout(log, 1, 'cleared by number'))
    clearTimeout(String(+setTimeout(log, 1, 'cleared by text')))
    clearInterval(setTimeout(log, 1, 'cleared as interval'))
    const immediately = setImmediate(log, 'cleared immediate')
    log([immediately.hasRef(), immediately.unref().hasRef()])
    clearImmediate(immediately)
    clearTimeout(undefined)
    clearTimeout(12345678)
    clearTimeout('nonsense')
    setTimeout(log, 1, 'disposed')[Symbol.dispose]()
    await after(15)
  },
  async 'refresh begins the delay anew, also of a timer that has fired'(log) {
    const timer = setTimeout(() => log('fired'), 80)
    await after(40)
    timer.refresh()
    await after(42)
    log('not yet')
    await after(60)
    timer.refresh()
    await after(100)
    clearTimeout(timer)
    timer.refresh()
    await after(90)
  },
  async 'an interval that clears itself'(log) {
    await new Promise<void>(resolve => {
      let turns = 0
      const interval = setInterval(
        name => {
          log(`${name} ${++turns}`)
          if (turns < 3) return
          clearInterval(interval)
          resolve()
        },
        2,
        'turn',
      )
    })
    await after(8)
  },
  async 'the async iterator of an interval'(log) {
    let turns = 0
    for await (const value of every(2, 'tick')) {
      log(value)
      if (++turns === 3) break
    }
    const iterator = every(1)
    log(await iterator.return?.('early'))
    log(await iterator.next())
    log(String(iterator))
  },
  async 'the async iterator of an interval, aborted'(log) {
    const controller = new AbortController()
    let turns = 0
    await caught(log, async () => {
      for await (const value of every(60, 'tick', { signal: controller.signal })) {
        log(value)
        if (++turns === 2) setTimeout(() => controller.abort(new Error('stop')), 1)
      }
    })
  },
  async 'a promisified setTimeout'(log) {
    log(await promisify(setTimeout)(2, 'done'))
  },
  async 'a signal with a time limit'(log) {
    const signal = AbortSignal.timeout(5)
    log(signal.aborted)
    await after(15)
    log(kind(signal.reason))
    const controller = new AbortController()
    const any = AbortSignal.any([controller.signal, AbortSignal.timeout(1000)])
    any.addEventListener('abort', () => log('any aborted'))
    setTimeout(() => controller.abort('by hand'), 2)
    await after(10)
    log(any.reason)
  },
  async 'jobs run in order'(log) {
    queueMicrotask(() => log('job 1'))
    queueMicrotask(() => log('job 2'))
    await after(1)
    process.nextTick((...args: unknown[]) => log(args), 'tick', 1)
    await after(1)
  },
  async 'a race with a time limit'(log) {
    log(await withTimeout(after(2, 'quick'), 40))
    log(await withTimeout(after(40, 'slow'), 2))
  },
  async 'retries after time-outs'(log) {
    const answers = [30, 30, 1]
    for (const [attempt, milliseconds] of answers.entries()) {
      const answer = await withTimeout(after(milliseconds, 'answer'), 10)
      log(`${attempt} ${answer}`)
      if (answer !== 'late') return
      await after(2 ** attempt)
    }
  },
  async 'a cache entry that expires'(log) {
    const cache = new Map<string, { value: number; expires: number }>()
    let loads = 0
    const get = async (key: string): Promise<number> => {
      const entry = cache.get(key)
      if (entry !== undefined && Date.now() < entry.expires) return entry.value
      await after(1)
      cache.set(key, { value: ++loads, expires: Date.now() + 25 })
      return loads
    }
    log([await get('k'), await get('k')])
    await after(40)
    log([await get('k'), await get('k')])
  },
  async 'debounce and throttle'(log) {
    const debounce = (run: (value: string) => void, milliseconds: number) => {
      let timer: NodeJS.Timeout | undefined
      return (value: string): void => {
        clearTimeout(timer)
        timer = setTimeout(run, milliseconds, value)
      }
    }
    const throttle = (run: (value: string) => void, milliseconds: number) => {
      let open = true
      return (value: string): void => {
        if (!open) return
        open = false
        run(value)
        setTimeout(() => {
          open = true
        }, milliseconds)
      }
    }
    const late = debounce(value => log(`debounced ${value}`), 60)
    const rarely = throttle(value => log(`throttled ${value}`), 150)
    for (const value of ['a', 'b', 'c']) {
      late(value)
      rarely(value)
      await after(3)
    }
    await after(200)
    rarely('d')
    late('e')
    await after(80)
  },
  async 'clocks go on with the timers'(log) {
    const [wall, monotonic, tick, big] = [Date.now(), performance.now(), process.hrtime(), process.hrtime.bigint()]
    const up = process.uptime()
    await after(20)
    const [seconds, nanos] = process.hrtime(tick)
    const gone = [
      Date.now() - wall,
      new Date(Date.now()).getTime() - wall,
      performance.now() - monotonic,
      seconds * 1e3 + nanos / 1e6,
      Number(process.hrtime.bigint() - big) / 1e6,
      (process.uptime() - up) * 1e3,
    ]
    log(gone.map(milliseconds => milliseconds >= 19 && milliseconds < 5000))
    log(Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 1000)
    log(Math.abs(Date.parse(Date()) - Date.now()) < 2000)
  },
  async 'marks and measures'(log) {
    performance.mark('begin')
    await after(20)
    performance.mark('end', { detail: { deep: 1 } })
    const between = performance.measure('between', 'begin', 'end')
    const sinceBegin = performance.measure('since begin', 'begin')
    const options = performance.measure('options', { start: 1, duration: 2 })
    log([between.duration >= 19, sinceBegin.duration >= 19, options.startTime, options.duration])
    log(performance.getEntriesByName('end').map(entry => (entry as unknown as { detail: unknown }).detail))
    for (const name of ['begin', 'end']) performance.clearMarks(name)
    performance.clearMeasures()
  },
}
