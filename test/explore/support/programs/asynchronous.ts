import { EventEmitter } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fails, one, program } from './program.js'

export const folder = join(tmpdir(), `frontrun-programs-${process.pid}`)
const file = join(folder, 'number')

/** Races that come with promises, events and timers, and what they are where functions are interrupted anywhere. */
export const asynchronous = [
  program({
    name: 'total += await f()',
    setup: () => ({ total: 0, f: one, g: () => 1 }),
    threads: s => {
      s.total += s.g()
    },
    tasks: async s => {
      s.total += await s.f()
    },
    invariant: s => s.total === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'list.push(await f()) onto a list that is replaced',
    setup: () => ({ list: [] as number[] }),
    threads: [
      s => {
        s.list.push(1)
      },
      s => {
        s.list = [...s.list, 2]
      },
    ],
    tasks: [
      async s => {
        s.list.push(await one())
      },
      async s => {
        s.list = [...s.list, 2]
      },
    ],
    invariant: s => s.list.includes(1),
    expected: [fails(3, 2), fails(3, 2)],
  }),
  program({
    name: 'a promise that nobody awaits',
    setup: () => ({ saved: 0, reported: -1 }),
    threads: [
      s => {
        s.saved = 1
      },
      s => {
        s.reported = s.saved
      },
    ],
    tasks: [
      async s => {
        const save = async () => {
          await null
          s.saved = 1
        }
        save()
        await null
        s.reported = s.saved
      },
    ],
    invariant: s => s.reported === 1,
    expected: [fails(2, 2), fails(2, 1)],
  }),
  program({
    name: 'an abort against completion',
    setup: () => ({ controller: new AbortController(), result: '', cleaned: false }),
    threads: [
      s => {
        if (!s.controller.signal.aborted) s.result = 'done'
      },
      s => {
        s.controller.abort()
        if (s.result === '') s.cleaned = true
      },
    ],
    tasks: [
      async s => {
        if (s.controller.signal.aborted) return
        await null
        s.result = 'done'
      },
      async s => {
        s.controller.abort()
        if (s.result === '') s.cleaned = true
      },
    ],
    invariant: s => !(s.cleaned && s.result === 'done'),
    expected: [fails(3, 2), fails(3, 2)],
  }),
  program({
    name: 'a listener added while an event is emitted',
    setup: () => ({ emitter: new EventEmitter(), ready: false, heard: 0 }),
    threads: [
      s => {
        s.ready = true
        s.emitter.emit('ready')
      },
      s => {
        if (s.ready) s.heard = 1
        else
          s.emitter.on('ready', () => {
            s.heard = 1
          })
      },
    ],
    tasks: [
      async s => {
        s.ready = true
        s.emitter.emit('ready')
      },
      async s => {
        if (s.ready) s.heard = 1
        else {
          await null
          s.emitter.on('ready', () => {
            s.heard = 1
          })
        }
      },
    ],
    invariant: s => s.heard === 1,
    expected: [fails(3, 3), fails(3, 3)],
  }),
  program({
    name: 'a token refreshed by two callers',
    setup: () => ({ token: 'expired', refreshes: 0 }),
    threads: s => {
      if (s.token === 'expired') {
        s.refreshes += 1
        s.token = 'fresh'
      }
    },
    tasks: async s => {
      const refresh = async () => {
        await null
        s.refreshes++
        s.token = 'fresh'
      }
      if (s.token === 'expired') await refresh()
    },
    invariant: s => s.refreshes === 1,
    expected: [fails(10, 2), fails(4, 2)],
  }),
  program({
    name: 'the loser of Promise.race that still writes',
    setup: () => ({ answer: '', winner: '' }),
    threads: [
      s => {
        if (s.answer === '') s.winner = 'cache'
        s.answer = 'cache'
      },
      s => {
        if (s.answer === '') s.winner = 'server'
        s.answer = 'server'
      },
    ],
    tasks: [
      async s => {
        const from = async (name: string) => {
          await null
          s.answer = name
          return name
        }
        s.winner = await Promise.race([from('cache'), from('server')])
      },
    ],
    invariant: s => s.answer === s.winner,
    expected: [fails(6, 1), fails(2, 1)],
  }),
  program({
    name: 'a retry after a time-out that applies twice',
    setup: () => ({ charged: 0, requests: [] as (() => void)[] }),
    threads: s => {
      if (s.charged === 0) s.charged += 1
    },
    tasks: [
      async s => {
        const charge = () => new Promise<string>(resolve => s.requests.push(() => resolve('done')))
        const timeout = new Promise<string>(resolve => setTimeout(resolve, 20, 'late'))
        if ((await Promise.race([charge(), timeout])) === 'late') charge()
      },
      async s => {
        for (let turn = 0; turn < 2; turn++) {
          await null
          for (const respond of s.requests.splice(0)) {
            s.charged++
            respond()
          }
        }
      },
    ],
    invariant: s => s.charged <= 1,
    expected: [fails(6, 4), fails(8, 2)],
  }),
  program({
    name: 'an early return from for await',
    setup: () => ({ open: false, closedWhileOpen: true, reads: 0 }),
    threads: [
      s => {
        s.open = true
        s.reads++
        s.open = false
      },
      s => {
        if (s.open) s.closedWhileOpen = false
      },
    ],
    tasks: [
      async s => {
        async function* lines() {
          s.open = true
          try {
            for (;;) yield await one()
          } finally {
            await null
            s.open = false
          }
        }
        for await (const line of lines()) {
          s.reads += line
          break
        }
      },
      async s => {
        if (s.open) s.closedWhileOpen = false
      },
    ],
    invariant: s => s.closedWhileOpen,
    expected: [fails(3, 2), fails(3, 1)],
  }),
  program({
    name: 'a number in a file, read and written back',
    setup: () => {
      mkdirSync(folder, { recursive: true })
      writeFileSync(file, '0')
      return { total: () => Number(readFileSync(file, 'utf8')) }
    },
    threads: () => {
      const before = Number(readFileSync(file, 'utf8'))
      writeFileSync(file, String(before + 1))
    },
    tasks: async () => {
      const before = Number(await readFile(file, 'utf8'))
      await writeFile(file, String(before + 1))
    },
    invariant: s => s.total() === 2,
    expected: [fails(4, 2), fails(14, 1)],
  }),
]
