/** A realm for one run of one test: a context of its own, with `$262`, `print`, and modules loaded through `compile`. */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { constants, createContext, Script, SourceTextModule, SyntheticModule } from 'node:vm'
import { isNeeded } from './in-realm.mjs'

/** Globals of Node that are not the language's, and that frontrun uses. Every way gets them, so that none differs by what is global. */
const OF_NODE = (() => {
  const language = new Set(new Script('Object.getOwnPropertyNames(globalThis)').runInContext(createContext({})))
  return Object.getOwnPropertyNames(globalThis).filter(
    name => !language.has(name) && !/^(global|gc)$/.test(name) && isNeeded(name),
  )
})()

/** An error before any code of the test ran. */
export class EarlyError extends Error {
  constructor(cause) {
    super(String(cause?.message ?? cause), { cause })
  }
}

export class Realm {
  /** What the test printed. */
  printed = []
  onPrint = () => {}
  #modules = new Map()

  /** @param {(source: string, path: string, kind: 'script' | 'module') => string} compile What is run instead of a source text. */
  constructor(compile) {
    this.compile = compile
    // Where there is one, an ordinary global object rather than one that vm intercepts.
    this.context = createContext(constants?.DONT_CONTEXTIFY ?? {})
    this.global = new Script('globalThis').runInContext(this.context)
    for (const name of OF_NODE) this.#lend(name)
    this.#define('print', text => {
      this.printed.push(String(text))
      this.onPrint()
    })
    this.#define('$262', this.#host())
  }

  /** An accessor, as Node's own are: who looks through the global object does not come upon all of Node. */
  #lend(name) {
    const define = descriptor => Object.defineProperty(this.global, name, { configurable: true, ...descriptor })
    define({ get: () => globalThis[name], set: value => void define({ value, writable: true }) })
  }

  #define(name, value) {
    Object.defineProperty(this.global, name, { value, writable: true, configurable: true, enumerable: false })
  }

  #host() {
    return {
      global: this.global,
      createRealm: () => new Realm(source => source).global.$262,
      evalScript: source => this.script(source, 'evalScript.js').runInContext(this.context),
      detachArrayBuffer: buffer => void structuredClone(buffer, { transfer: [buffer] }),
      gc: () => globalThis.gc?.(),
      agent: new Proxy({}, { get: (_, key) => unsupported(`agent.${String(key)}`) }),
      get IsHTMLDDA() {
        return unsupported('IsHTMLDDA')
      },
      get AbstractModuleSource() {
        return unsupported('AbstractModuleSource')
      },
    }
  }

  /** A script as it stands. Throws an EarlyError. */
  script(code, path) {
    try {
      return new Script(code, { filename: path, importModuleDynamically: this.#importer(path) })
    } catch (error) {
      throw new EarlyError(error)
    }
  }

  /** Compiles and runs a script; gives its completion value. */
  run(source, path) {
    return this.script(this.compile(source, path, 'script'), path).runInContext(this.context)
  }

  #importer(path) {
    return async (specifier, _, attributes) => {
      const module = await this.#load(specifier, path, attributes)
      await this.#link(module)
      await module.evaluate()
      return module
    }
  }

  #load(specifier, from, attributes) {
    const path = resolve(dirname(from), specifier)
    return this.#moduleOf(path, attributes?.type)
  }

  #moduleOf(path, type, source) {
    const key = `${type ?? ''}:${path}`
    let module = this.#modules.get(key)
    if (module === undefined) {
      module = type === 'json' ? this.#json(path) : this.#source(source ?? readFileSync(path, 'utf8'), path)
      this.#modules.set(key, module)
    }
    return module
  }

  #json(path) {
    const text = readFileSync(path, 'utf8')
    const value = this.global.JSON.parse(text)
    return new SyntheticModule(
      ['default'],
      function () {
        this.setExport('default', value)
      },
      { context: this.context, identifier: path },
    )
  }

  #source(source, path) {
    return new SourceTextModule(this.compile(source, path, 'module'), {
      context: this.context,
      identifier: path,
      initializeImportMeta() {},
      importModuleDynamically: this.#importer(path),
    })
  }

  async #link(module) {
    if (module.status !== 'unlinked') {
      while (module.status === 'linking') await new Promise(resolve => setImmediate(resolve))
      return
    }
    await module.link((specifier, { identifier }, { attributes, assert } = {}) =>
      this.#load(specifier, identifier, attributes ?? assert),
    )
  }

  /** A module, ready to be evaluated. Throws an EarlyError. */
  async module(source, path) {
    try {
      const module = this.#moduleOf(path, undefined, source)
      await this.#link(module)
      return module
    } catch (error) {
      throw new EarlyError(error)
    }
  }
}

function unsupported(what) {
  throw new Error(`$262.${what} is not supported by this host`)
}
