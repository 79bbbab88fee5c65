/**
 * Programs about what promises, thenables, iterators, signals and contexts do to the letter. Each is the body of an async
 * function that gets `log`, `node` (modules of Node by name) and `tick` (some turns of the microtask queue). `any`: what it
 * logs depends on the order of microtasks, so that other orders are found where awaits take any time.
 */
export const promisePrograms: Record<string, { text: string; any?: true }> = {
  'thenables: then is read once, and called in a job of its own': {
    text: `
      let reads = 0
      const thenable = { get then() { reads++; log('read'); return function (resolve) { log('call', this === thenable); resolve('v') } } }
      log('before'); const p = (async () => { log(await thenable) })(); log('after'); await p; log(reads)`,
  },
  'thenables: what they throw before and after they resolve': {
    text: `
      const attempt = async t => { try { log('value', await t) } catch (e) { log('error', e) } }
      await attempt({ then() { throw 'thrown' } })
      await attempt({ get then() { throw 'getter' } })
      await attempt({ then(resolve) { resolve(1); throw 'late' } })
      await attempt({ then(_, reject) { reject('r'); throw 'late' } })
      await attempt({ then(resolve, reject) { resolve(1); resolve(2); reject(3) } })
      await attempt({ then: 5 })
      await attempt(Object.assign(() => {}, { then(resolve) { resolve('function') } }))`,
  },
  'thenables: async and nested': {
    text: `
      const inner = { then(resolve) { Promise.resolve().then(() => resolve('inner')) } }
      log(await { then: async resolve => { await null; resolve(inner) } })
      log(await Promise.resolve({ then: resolve => resolve(inner) }))
      log(await new Promise(r => r({ then: (_, reject) => reject('no') })).catch(e => 'caught ' + e))`,
  },
  'resolve: the first call counts, also where it follows a promise': {
    text: `
      let go
      const slow = new Promise(r => { go = r })
      const p = new Promise((resolve, reject) => { resolve(slow); resolve(1); reject(2); throw 3 })
      go('slow'); log(await p)
      const self = new Promise(r => setImmediate ? Promise.resolve().then(() => r(self)) : 0)
      try { await self } catch (e) { log(e instanceof TypeError) }`,
  },
  'race: losers go on': {
    any: true,
    text: `
      const runner = async (name, turns) => { for (let i = 0; i < turns; i++) { await null; log(name, i) } return name }
      log('won', await Promise.race([runner('slow', 4), runner('fast', 2)])); await tick(); log('end')`,
  },
  'combinators: values, orders and errors': {
    text: `
      log(await Promise.all([1, Promise.resolve(2), { then: r => r(3) }]))
      log(await Promise.all([]), await Promise.allSettled([Promise.reject('x'), 1]))
      log(await Promise.any([Promise.reject(1), 2]))
      try { await Promise.any([Promise.reject(1), Promise.reject(2)]) } catch (e) { log(e.constructor.name, e.errors) }
      try { await Promise.all([1, Promise.reject('all')]) } catch (e) { log(e) }
      try { await Promise.race([Promise.reject('race')]) } catch (e) { log(e) }
      try { await Promise.all(5) } catch (e) { log(e instanceof TypeError) }
      try { await Promise.all({ get [Symbol.iterator]() { throw 'iterator' } }) } catch (e) { log(e) }`,
  },
  'finally: passes values on, throws, waits for what it returns': {
    text: `
      log(await Promise.resolve(1).finally(() => 2))
      try { await Promise.reject('kept').finally(() => 2) } catch (e) { log(e) }
      try { await Promise.resolve(1).finally(() => { throw 'thrown' }) } catch (e) { log(e) }
      try { await Promise.resolve(1).finally(() => Promise.reject('returned')) } catch (e) { log(e) }
      let go; const gate = new Promise(r => { go = r })
      const p = Promise.resolve('late').finally((...args) => { log(args.length); return gate }).then(v => log(v))
      log('waits'); go(); await p
      log(await Promise.resolve(3).finally(5))`,
  },
  'finally and then against a clock of microtasks': {
    any: true,
    text: `
      const turns = (async () => { for (let i = 0; i < 12; i++) { log(i); await null } })()
      const chain = [
        Promise.resolve().finally(() => {}).then(() => log('finally')),
        Promise.resolve().then(() => Promise.resolve()).then(() => log('returned promise')),
        (async () => { await (async () => Promise.resolve())(); log('async return') })(),
        (async () => { await { then: r => r() }; log('thenable') })(),
      ]
      await Promise.all([turns, ...chain]); log('all')`,
  },
  'then: callbacks that are none, and the receiver': {
    text: `
      log(await Promise.resolve(1).then(2, 3)); log(await Promise.reject(1).then(null, v => v + 1))
      try { Promise.prototype.then.call({}, () => {}) } catch (e) { log(e instanceof TypeError) }
      log(await Promise.prototype.catch.call({ then: (...args) => args.length }, 1))`,
  },
  'async iterators: early return is awaited': {
    text: `
      const source = { [Symbol.asyncIterator]() { let i = 0; return {
        next: async () => { log('next'); return { done: i > 2, value: i++ } },
        return: async v => { log('return', v); await null; log('returned'); return {} } } } }
      for await (const v of source) { log(v); if (v === 1) break }
      log('left')
      try { for await (const v of source) { log(v); throw 'body' } } catch (e) { log(e) }
      for await (const v of source) log(v)
      outer: for (const n of [1, 2]) for await (const v of source) { log(n, v); continue outer }
      log((await (async () => { for await (const v of source) return 'value' + v })()))`,
  },
  'async iterators: without return, and with results that are no objects': {
    text: `
      const bare = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: 1 }) }) }
      for await (const v of bare) { log(v); break }
      log('left')
      const failing = result => ({ [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false }), return: () => result }) })
      try { for await (const v of failing(5)) break } catch (e) { log(e.constructor.name) }
      try { for await (const v of failing(Promise.resolve(5))) throw 'kept' } catch (e) { log(e) }
      try { for await (const v of { [Symbol.asyncIterator]: () => ({ next: () => 5 }) }) log('never') } catch (e) { log(e.constructor.name) }
      try { for await (const v of { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject('next') }) }) log('never') } catch (e) { log(e) }`,
  },
  'sync iterators under for await': {
    text: `
      const sync = { [Symbol.iterator]() { let i = 0; return {
        next() { log('next'); return { done: i > 2, value: Promise.resolve(i++) } }, return() { log('return'); return { value: Promise.resolve('x') } } } } }
      for await (const v of sync) { log(v); if (v === 1) break }
      log('left')
      for await (const v of [Promise.resolve(1), 2, { then: r => r(3) }]) log(v)
      try { for await (const v of [Promise.reject('rejected')]) log('never') } catch (e) { log(e) }`,
  },
  'async generators: queue, return and throw': {
    any: true,
    text: `
      async function* g() { try { log('start'); const sent = yield Promise.resolve(1); log('sent', sent); yield 2; yield* [3, 4] } finally { log('fin'); await null; log('fin.') } }
      const a = g(); const results = [a.next(), a.next('hello'), a.next(), a.return('r'), a.next()]
      log(JSON.stringify(await Promise.all(results)))
      const b = g(); await b.next(); try { await b.throw('t') } catch (e) { log(e) }
      const c = g(); log(JSON.stringify(await c.return(Promise.resolve('early'))))
      for await (const v of g()) { log(v); if (v === 3) break }`,
  },
  'signals: reasons, listeners in order, onabort, throwIfAborted, any': {
    text: `
      const c = new AbortController(), d = new AbortController(); const { signal } = c
      signal.addEventListener('abort', () => log('first')); signal.onabort = () => log('onabort', signal.reason)
      signal.addEventListener('abort', () => log('second'), { once: true })
      const any = AbortSignal.any([d.signal, signal]); any.addEventListener('abort', () => log('any', any.reason))
      const aborted = new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      signal.throwIfAborted(); c.abort('why'); c.abort('again'); log(signal.aborted, signal.reason)
      try { await aborted } catch (e) { log('rejected', e) }
      try { signal.throwIfAborted() } catch (e) { log('thrown', e) }
      d.abort(); log(any.reason, d.signal.reason.name); log(AbortSignal.abort('now').reason)`,
  },
  'subclasses: species, constructors and statics': {
    text: `
      const made = []
      class Sub extends Promise { constructor(run) { super(run); made.push('Sub') } static get [Symbol.species]() { return Sub } }
      class Plain extends Promise { static get [Symbol.species]() { return Promise } }
      const s = Sub.resolve(1); log(s instanceof Sub, s.then(() => {}) instanceof Sub, Sub.all([1]) instanceof Sub, made.length)
      log(await s.then(v => v + 1).finally(() => {}), made.length)
      log(Plain.resolve(1).then(() => {}) instanceof Plain, await Plain.race([Plain.resolve('p')]))
      log(await Sub.reject('no').catch(e => e), (await Sub.allSettled([s]))[0].value, await new Sub((_, reject) => reject('r')).then(null, e => e))
      log(Promise.resolve(s) === s, Sub.resolve(s) === s, Sub.resolve(Promise.resolve(1)) instanceof Sub)`,
  },
  'species of one promise': {
    any: true,
    text: `
      const p = Promise.resolve(1); p.constructor = function Other(run) { run(() => log('resolve'), () => {}) }; p.constructor[Symbol.species] = p.constructor
      log(p.then(v => v) instanceof Promise); log(await p)
      await tick()`,
  },
  'subclasses: a then of its own is called by await, all and resolve': {
    text: `
      class Loud extends Promise { then(a, b) { log('then'); return super.then(a, b) } }
      const l = Loud.resolve(1); log(await l); log(await Promise.all([l])); log(await new Promise(r => r(l))); log(await (async () => l)())
      const own = Promise.resolve(2); own.then = (a, b) => { log('own'); return Promise.prototype.then.call(own, a, b) }
      log(await own); log(await Promise.race([own])); log(await own.catch(() => {}))`,
  },
  'promises, errors and iterables of other realms': {
    text: `
      const { vm } = node; const realm = vm.createContext({ log })
      const other = vm.runInContext('({ p: Promise.resolve(1), r: () => Promise.reject(new TypeError("x")), f: async v => { await null; log("inside"); return v }, P: Promise, list: [1, Promise.resolve(2)] })', realm)
      log(await other.p, other.p instanceof Promise, await other.f('v'))
      try { await other.r() } catch (e) { log(e.name, e instanceof TypeError) }
      log(await Promise.all([other.p, other.f(2)]), await Promise.race(other.list), await other.P.all([1, Promise.resolve(2)]))
      log(await other.p.then(v => v + 1).finally(() => log('fin'))); for await (const v of other.list) log(v)
      log(await new other.P(r => r('made')), await other.P.resolve(Promise.resolve('wrapped')))`,
  },
  'contexts: run, exit, enterWith, snapshot, bind and resources': {
    text: `
      const { AsyncLocalStorage, AsyncResource } = node.async_hooks; const s = new AsyncLocalStorage(), t = new AsyncLocalStorage()
      const show = at => log(at, s.getStore(), t.getStore())
      await s.run(1, async () => { show('run'); await null; show('await'); await t.run(2, async () => { await null; show('both') }); show('back')
        await s.exit(async () => { show('exit'); await null; show('exit await') }); show('after exit')
        await Promise.resolve().then(() => show('then')).finally(() => show('finally'))
        await new Promise(r => queueMicrotask(() => { show('microtask'); r() })); await new Promise(r => process.nextTick(() => { show('tick'); r() })) })
      show('outside')
      const snap = s.run('snap', () => AsyncLocalStorage.snapshot()); snap(() => show('snapshot')); await snap(async () => { await null; show('snapshot await') })
      s.run('bound', () => { log(typeof AsyncLocalStorage.bind(() => show('bind'))) ; globalThis.$bound = AsyncLocalStorage.bind(() => show('bind')) }); globalThis.$bound(); delete globalThis.$bound
      const resource = s.run('resource', () => new AsyncResource('Mine')); resource.runInAsyncScope(() => show('resource')); show('after')
      const f = async () => { s.enterWith('entered'); await null; show('entered') }; await s.run('outer', async () => { await f(); show('caller') })
      let go; const p = new Promise(r => { go = r }); const q = s.run('waiter', () => p.then(() => show('waiter'))); s.run('resolver', () => go()); await q`,
  },
  'rejections that are handled in time, and one by one': {
    text: `
      const p = Promise.reject('later'); await Promise.resolve().then(() => {}).then(() => p.catch(e => log(e)))
      const q = (async () => { throw 'async' })(); try { await q } catch (e) { log(e) }
      await Promise.allSettled([p, q]); const r = p.then(() => log('never')); await r.catch(() => log('derived'))`,
  },
  'errors in odd places of async functions': {
    text: `
      const attempt = async run => { try { log(await run()) } catch (e) { log(e.name ?? e) } }
      await attempt(async (x = (() => { throw 'parameter' })()) => x); await attempt(async ({ a }) => a); await attempt(async () => { try { return await Promise.reject(1) } finally { log('finally') } })
      await attempt(async () => { try { return Promise.reject('not caught here') } catch { return 'caught' } })
      await attempt(async () => { try { throw 1 } catch { return 'inner' } finally { await null; log('awaited in finally') } })
      await attempt(async () => { for (const f of [async () => 1, async () => { throw 2 }]) log(await f()); return 'never' })`,
  },
}
