import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { afterAll, describe, expect, test } from 'vitest'
import { type IOEvent, IOEventDispatcher, preloadEnvironment } from '../../src/io/index.js'
import { nodeBinary, supportedMajors } from '../support/node-versions.js'
import { cli, run } from '../support/project.js'
import { compileAddon, isLinux, library } from './support/compiler.js'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'frontrun-dispatcher-')))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const io = new URL('../../dist/io/index.js', import.meta.url).href

/** Runs a program under `frontrun`; its last line of output is JSON. */
async function program(text: string, node = process.execPath): Promise<unknown> {
  library()
  const path = join(folder, 'program.mjs')
  writeFileSync(
    path,
    `
import fs from 'node:fs'
import net from 'node:net'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { IOEventDispatcher } from '${io}'
const addon = createRequire(import.meta.url)(${JSON.stringify(isLinux ? compileAddon('addon.c') : '')})
const file = ${JSON.stringify(join(folder, 'file'))}
const seen = []
const note = ev => seen.push(ev.kind + ' ' + ev.resourceId.replace(${JSON.stringify(`${folder}/`)}, ''))
${text}`,
  )
  const { code, stdout, stderr } = await run(process.execPath, [cli, node, path], { cwd: folder })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

const written = ['open file:file', 'write file:file', 'close file:file']

describe.runIf(isLinux)('an IOEventDispatcher', () => {
  test.each(supportedMajors)(
    'tells what this process does, on Node %d',
    async major => {
      const told = await program(
        `
const events = new IOEventDispatcher({ interval: 0 })
events.addListener(note)
fs.writeFileSync(file, 'a')
await fs.promises.writeFile(file, 'b')
addon.set(file, 1)
events.close()
console.log(JSON.stringify(seen))`,
        await nodeBinary(major),
      )
      expect(told).toEqual([...written, ...written, ...written])
    },
    30_000,
  )

  test('tells where sockets lead, and where both ends are one process', async () => {
    const told = (await program(`
const events = new IOEventDispatcher({ interval: 0 })
events.addListener(ev => ev.resourceId.startsWith('socket:') && note(ev))
const server = net.createServer(socket => socket.end('hello')).listen(0, '127.0.0.1', () => {
  const { port } = server.address()
  net.connect(port, '127.0.0.1').resume().on('close', () => {
    server.close()
    events.close()
    console.log(JSON.stringify(seen.map(line => line.replace(String(port), 'PORT'))))
  })
})`)) as string[]
    expect(new Set(told.map(line => line.split(' ')[1]))).toEqual(new Set(['socket:127.0.0.1:PORT']))
    expect(told.slice(0, 3)).toEqual(['connect', 'accept', 'write'].map(kind => `${kind} socket:127.0.0.1:PORT`))
    expect(told).toContain('read socket:127.0.0.1:PORT')
  })

  test('calls its listeners by itself, as long as they are listening', async () => {
    const told = await program(`
const events = new IOEventDispatcher()
const listener = ev => {
  note(ev)
  if (ev.kind !== 'close') return
  events.removeListener(listener)
  fs.writeFileSync(file, 'b')
  events.flush()
  console.log(JSON.stringify(seen))
}
events.addListener(listener)
fs.writeFileSync(file, 'a')
setTimeout(() => {}, 50)`)
    expect(told).toEqual(written)
  })

  test("may leave out what Node's own code does", async () => {
    const told = await program(`
const events = new IOEventDispatcher({ origin: 'native', interval: 0 })
events.addListener(note)
fs.writeFileSync(file, 'a')
addon.set(file, 2)
events.close()
console.log(JSON.stringify(seen))`)
    expect(told).toEqual(written)
  })

  test('is silent about a descriptor that is ignored, until the number stands for something else', async () => {
    const told = await program(`
const events = new IOEventDispatcher({ interval: 0 })
const ignored = fs.openSync(file, 'w')
events.ignore(ignored)
events.flush()
events.addListener(note)
fs.writeSync(ignored, 'a')
fs.closeSync(ignored)
const next = fs.openSync(file + '2', 'w')
fs.writeSync(next, 'a')
events.close()
console.log(JSON.stringify([next === ignored, seen]))`)
    expect(told).toEqual([true, ['open file:file2', 'write file:file2']])
  })

  test('of each thread tells what that thread does, and goes on after others have closed', async () => {
    const told = await program(`
const source = "const { workerData } = require('node:worker_threads'); import(workerData.io).then(({ IOEventDispatcher }) => { " +
  "const events = new IOEventDispatcher({ interval: 0 }); let count = 0; events.addListener(ev => { if (ev.resourceId.includes('worker')) count++; if (ev.resourceId.endsWith('main')) count += 1000 }); " +
  "require('node:fs').writeFileSync(workerData.file, 'a'); events.close(); require('node:worker_threads').parentPort.postMessage(count) })"
const events = new IOEventDispatcher({ interval: 0 })
events.addListener(ev => { if (ev.resourceId.includes('worker') || ev.resourceId.endsWith('main')) note(ev) })
const worker = new Worker(source, { eval: true, workerData: { io: '${io}', file: file + '-worker' } })
const [count] = await Promise.all([new Promise(resolve => worker.once('message', resolve)), fs.promises.stat(file).catch(() => {})])
fs.writeFileSync(file + '-main', 'a')
events.close()
console.log(JSON.stringify([count, seen.filter(line => line.endsWith('main'))]))`)
    expect(told).toEqual([3, ['open file:file-main', 'write file:file-main', 'close file:file-main']])
  })

  test('says so where the library is not loaded', () => {
    expect(IOEventDispatcher.isAvailable).toBe(false)
    expect(() => new IOEventDispatcher()).toThrow(/Run it with `frontrun <command>`/)
  })

  test('tells what other programs do, by a stream or from a log', async () => {
    const target = join(folder, 'copied')
    const log = join(folder, 'log')
    const env = { ...process.env, ...preloadEnvironment({ fd: 3, log }, { FRONTRUN_PRELOAD_LIB: library() }) }
    const child = spawn('tee', [target], { env, stdio: ['pipe', 'ignore', 'ignore', 'pipe'] })
    child.stdin?.end('text')
    const live: IOEvent[] = []
    const stream = child.stdio[3] as Readable
    new IOEventDispatcher({ from: stream }).addListener(event => live.push(event))
    await once(stream, 'end')
    const logged: IOEvent[] = []
    new IOEventDispatcher({ from: log }).addListener(event => logged.push(event)).close()
    expect(live).toEqual(logged)
    const own = live.filter(({ resourceId }) => resourceId.startsWith(`file:${folder}/`))
    expect(
      own
        .filter(({ access }) => access !== null)
        .map(({ kind }) => kind)
        .slice(0, 2),
    ).toEqual(['open', 'write'])
    expect(own.every(({ pid, origin }) => pid === child.pid && origin === 'native')).toBe(true)
  })
})
