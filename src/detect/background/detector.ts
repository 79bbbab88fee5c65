/** What Node does in the background and shares nothing with other tasks: compression, cryptography, names, children. */
import { createRequire, syncBuiltinESMExports } from 'node:module'
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { promisified } from '../../runtime/node-functions.js'
import { gate } from '../../runtime/outside/gate.js'
import type { Patches } from '../../runtime/patches.js'
import { childGates } from './children.js'
import { calledBack, promised } from './operations.js'

const require = createRequire(import.meta.url)
const NAME = 'background'

type Functions = Record<PropertyKey, Function>

/** Functions that call back. Without a callback, some do something else. */
const CALLED_BACK: Record<string, readonly string[]> = {
  zlib: [
    ...['deflate', 'inflate', 'deflateRaw', 'inflateRaw', 'gzip', 'gunzip', 'unzip'],
    ...['brotliCompress', 'brotliDecompress', 'zstdCompress', 'zstdDecompress'],
  ],
  crypto: [
    ...['randomBytes', 'randomFill', 'randomInt', 'pbkdf2', 'scrypt', 'hkdf', 'sign', 'verify', 'argon2'],
    ...['generateKeyPair', 'generateKey', 'generatePrime', 'checkPrime', 'diffieHellman', 'encapsulate', 'decapsulate'],
  ],
  dns: [
    ...['lookup', 'lookupService', 'reverse', 'resolve', 'resolve4', 'resolve6', 'resolveAny', 'resolveCaa'],
    ...['resolveCname', 'resolveMx', 'resolveNaptr', 'resolveNs', 'resolvePtr', 'resolveSoa', 'resolveSrv'],
    ...['resolveTlsa', 'resolveTxt'],
  ],
}

/** Turns on, for one exploration, what `installBackgroundGates` put in place. */
export function detectBackground(runtime: RuntimeHooks, patches: Patches): void {
  runtime.detectors.add(NAME)
  patches.onUndo(() => runtime.detectors.delete(NAME))
}

/** Puts gates in the place of such functions, for good; without an exploration they do nothing. */
export function installBackgroundGates(runtime: RuntimeHooks): void {
  const isActive = (): boolean => runtime.detectors.has(NAME)
  for (const [module, names] of Object.entries(CALLED_BACK)) {
    const functions = require(`node:${module}`) as Functions
    for (const name of names) {
      const original = functions[name]
      if (typeof original === 'function')
        replace(functions, name, gate(runtime, original, isActive, calledBack(`${module}.${name}`)))
    }
  }
  const dns = require('node:dns').promises as Functions
  for (const name of CALLED_BACK.dns as readonly string[]) {
    const original = dns[name]
    if (typeof original === 'function') replace(dns, name, gate(runtime, original, isActive, promised(`dns.${name}`)))
  }
  const subtle = Object.getPrototypeOf(crypto.subtle) as unknown as Functions
  for (const name of Object.getOwnPropertyNames(subtle)) {
    const { value: original } = Object.getOwnPropertyDescriptor(subtle, name) as PropertyDescriptor
    if (name !== 'constructor' && typeof original === 'function')
      replace(subtle, name, gate(runtime, original, isActive, promised(`crypto.subtle.${name}`)))
  }
  const children = require('node:child_process') as Functions
  for (const [name, replacement] of Object.entries(childGates(runtime, isActive, children)))
    replace(children, name, replacement)
  const util = require('node:util') as Functions
  const { promisify } = util as { promisify: Function }
  const replacement = Object.assign((original: Function): unknown => {
    const made = promisify(original)
    promisified.set(made, original)
    return made
  }, promisify)
  replace(util, 'promisify', Object.defineProperty(replacement, 'name', { value: 'promisify' }))
  syncBuiltinESMExports()
}

/** Some are accessors, made for those who never ask. */
function replace(owner: Functions, name: string, value: Function): void {
  const { enumerable = true } = Object.getOwnPropertyDescriptor(owner, name) ?? {}
  Object.defineProperty(owner, name, { value, enumerable, configurable: true, writable: true })
}
