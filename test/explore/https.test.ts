import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exploreDpor } from 'frontrun'
import { afterAll, beforeAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'frontrun-'))
const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
let counter = { value: 0 }
const count: http.RequestListener = async (_request, response) => {
  const before = counter.value
  await null
  counter.value = before + 1
  response.end(String(counter.value))
}
const server = createServer({}, count)
const plainServer = http.createServer(count)
let options: { host: string; port: number; ca: Buffer }

beforeAll(async () => {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', ...kind, '-keyout', keyFile, '-out', certFile, ...subject], { stdio: 'ignore' })
  const cert = readFileSync(certFile)
  server.setSecureContext({ key: readFileSync(keyFile), cert })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  plainServer.listen(0, '127.0.0.1')
  await once(plainServer, 'listening')
  options = { host: '127.0.0.1', port: (server.address() as AddressInfo).port, ca: cert }
})
afterAll(() => {
  server.close()
  plainServer.close()
  rmSync(folder, { recursive: true })
})

const asked = (send: (listener: (response: http.IncomingMessage) => void) => http.ClientRequest) =>
  new Promise<string>((resolve, reject) => {
    send(async response => {
      let text = ''
      for await (const part of response) text += part
      resolve(text)
    })
      .on('error', reject)
      .end()
  })
const byRequest = () => asked(listener => request(options, listener))
const byPlainRequest = () =>
  asked(listener => http.request({ port: (plainServer.address() as AddressInfo).port, host: '127.0.0.1' }, listener))

const byFetch = async () => (await fetch(`https://localhost:${options.port}/`)).text()

/** What `fetch` trusts can be set for the whole process only. */
async function trustingAll<T>(run: () => Promise<T>): Promise<T> {
  const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  try {
    return await run()
  } finally {
    if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before
  }
}

test.each([
  ['https.request', byRequest],
  ['fetch', byFetch],
])('two handlers of an https server interleave, asked by %s', async (_name, ask) => {
  const result = await trustingAll(() =>
    exploreDpor({
      setup: () => {
        counter = { value: 0 }
      },
      tasks: [ask, ask],
      invariant: () => counter.value === 2,
      deadlockTimeout: 5000,
    }),
  )
  expect(result.failureKind, result.explanation).toBe('invariant')
  expect(result.explanation).toContain('counter.value')
  expect([result.reproductionAttempts, result.reproductionSuccesses]).toEqual([10, 10])
})

test('the handlers end in all the ways in which those of an http server do', async () => {
  const explore = async (ask: () => Promise<unknown>) => {
    const ends = new Set<number>()
    const result = await exploreDpor({
      setup: () => {
        counter = { value: 0 }
      },
      tasks: [ask, ask],
      invariant: () => {
        ends.add(counter.value)
        return true
      },
      deadlockTimeout: 5000,
    })
    expect(result.propertyHolds, result.explanation).toBe(true)
    return [...ends].sort()
  }
  const ends = await explore(byRequest)
  expect(ends).toEqual([1, 2])
  expect(ends).toEqual(await explore(byPlainRequest))
})
