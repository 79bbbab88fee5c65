import { inspect } from 'node:util'
import { type Acts, describeActs } from './support/act-table.js'

const settings: Record<string, unknown> = { mode: 'a', size: 1 }
const viewOfSettings = new Proxy(settings, {})

const setup = () => {
  settings.mode = 'a'
  const target: Record<string, unknown> = { x: 1, y: 1 }
  const list = [3, 1, 2]
  return {
    object: { a: 1, b: 2 } as Record<string, unknown>,
    empty: {} as Record<string, unknown>,
    nested: { inner: { n: 1 }, other: { n: 1 } },
    symbol: Symbol.for('key'),
    withJson: { secret: 1, shown: 1, toJSON: () => ({ shown: target.x }) } as Record<string, unknown>,
    dates: { at: new Date(0) },
    target,
    list,
    proxy: new Proxy(target, {}),
    listProxy: new Proxy(list, {}),
    trapped: new Proxy(target, {
      get: (object, key, receiver) => (key === 'x' ? Reflect.get(object, 'y', receiver) : undefined),
      set: (object, key, value) => Reflect.set(object, key === 'x' ? 'y' : key, value),
    }),
    revocable: Proxy.revocable({ n: 1 }, {}),
    weak: new WeakRef(target),
  }
}
type State = ReturnType<typeof setup>

const meeting: Acts<State> = {
  'Object.assign from, a write': [s => Object.assign(s.empty, s.object).a, s => (s.object.a = 5)],
  'Object.assign to, a read': [s => Object.assign(s.object, { a: 9 }), s => s.object.a],
  'Object.defineProperties, a read': [s => Object.defineProperties(s.object, { a: { value: 9 } }), s => s.object.a],
  'Object.defineProperty, in': [s => Object.defineProperty(s.empty, 'a', { value: 9 }), s => 'a' in s.empty],
  'delete, Object.hasOwn': [s => delete s.object.a, s => Object.hasOwn(s.object, 'a')],
  'delete, hasOwnProperty': [s => delete s.object.a, s => Object.hasOwn(s.object, 'a')],
  'a new key, delete of that key': [s => (s.empty.a = 1), s => [delete s.empty.a, Object.keys(s.empty)].join()],
  'a symbol key, a read of it': [s => (s.object[s.symbol as never] = 1), s => s.object[s.symbol as never]],
  'a symbol key, getOwnPropertySymbols': [
    s => (s.empty[s.symbol as never] = 1),
    s => Object.getOwnPropertySymbols(s.empty).length,
  ],
  'a new key, Object.values': [s => (s.object.c = 3), s => Object.values(s.object).join()],
  'a write, Object.entries': [s => (s.object.a = 3), s => Object.entries(s.object).join()],
  'a write, getOwnPropertyDescriptors': [
    s => (s.object.a = 3),
    s => Object.getOwnPropertyDescriptors(s.object).a.value,
  ],
  'a write, Object.fromEntries of it': [s => (s.object.a = 3), s => Object.fromEntries(Object.entries(s.object)).a],
  'a write, spread': [s => (s.object.a = 3), s => ({ ...s.object }).a],
  'a write, rest': [
    s => (s.object.a = 3),
    s => {
      const { b, ...rest } = s.object
      return `${rest.a}${b}`
    },
  ],
  'a write, a nested pattern with a default': [
    s => (s.nested.inner.n = 5),
    s => {
      const {
        inner: { n = 7 },
      } = s.nested
      return n
    },
  ],
  'a swap by destructuring, a read': [s => ([s.object.a, s.object.b] = [s.object.b, s.object.a]), s => s.object.a],
  'Object.freeze, a write': [s => Object.freeze(s.object), s => Reflect.set(s.object, 'a', 5)],
  'Object.seal, a delete': [s => Object.seal(s.object), s => Reflect.deleteProperty(s.object, 'a')],
  'Object.preventExtensions, isExtensible': [
    s => Object.preventExtensions(s.object),
    s => Object.isExtensible(s.object),
  ],
  'Reflect.set with a receiver, a read of it': [s => Reflect.set(s.object, 'a', 5, s.empty), s => s.empty.a],
  'Reflect.defineProperty, Reflect.has': [
    s => Reflect.defineProperty(s.empty, 'q', { value: 1 }),
    s => Reflect.has(s.empty, 'q'),
  ],
  'Symbol.toStringTag, Object.prototype.toString': [
    s => (s.object[Symbol.toStringTag as never] = 'Tagged'),
    s => Object.prototype.toString.call(s.object),
  ],
  'the target, its proxy': [s => (s.target.x = 5), s => s.proxy.x],
  'a proxy, its target': [s => (s.proxy.x = 5), s => s.target.x],
  'a new key through a proxy, the keys of its target': [s => (s.proxy.z = 5), s => Object.keys(s.target).join()],
  'delete through a proxy, in': [s => delete s.proxy.x, s => 'x' in s.target],
  'the target, keys of its proxy': [s => (s.target.z = 5), s => Object.keys(s.proxy).join()],
  'push through a proxy, the length of its target': [s => s.listProxy.push(9), s => s.list.length],
  'the target list, iteration of its proxy': [s => (s.list[1] = 9), s => [...s.listProxy].join()],
  'what a trap reads instead': [s => (s.target.y = 5), s => s.trapped.x],
  'what a trap writes instead': [s => (s.trapped.x = 5), s => s.target.y],
  'a proxy of a module, its target': [() => (viewOfSettings.mode = 'b'), () => settings.mode],
  'a revocable proxy, JSON.stringify': [s => (s.revocable.proxy.n = 5), s => JSON.stringify(s.revocable.proxy)],
  'a write, what a WeakRef gives': [s => (s.target.x = 5), s => s.weak.deref()?.x],
  'a write, JSON.stringify with a replacer': [
    s => (s.object.a = 5),
    s => JSON.stringify(s.object, (key, value) => (key === 'b' ? undefined : value)),
  ],
  'a write, what a toJSON reads': [s => (s.target.x = 5), s => JSON.stringify(s.withJson)],
  'a date, JSON.stringify': [s => s.dates.at.setTime(5), s => JSON.stringify(s.dates)],
  'a date, structuredClone': [s => s.dates.at.setTime(5), s => structuredClone(s.dates).at.getTime()],
  'a write, util.inspect': [s => (s.nested.inner.n = 5), s => inspect(s.nested)],
  'a write, console.log': [
    s => (s.nested.inner.n = 5),
    s => {
      let seen = ''
      const { log } = console
      console.log = text => (seen = text)
      console.log(inspect(s.nested))
      console.log = log
      return seen
    },
  ],
  'Object.groupBy': [s => (s.list[0] = 8), s => s.list.reduce((text, n) => `${text}${n % 2}`, '')],
  'the arguments of apply': [s => (s.list[0] = 8), s => Math.max.apply(null, s.list)],
}

const apart: Acts<State> = {
  'two keys': [s => (s.object.a = 5), s => s.object.b],
  'two new keys': [s => (s.empty.a = 5), s => (s.empty.b = 5)],
  'a delete of one key, another key': [s => delete s.object.a, s => s.object.b],
  'a delete of what is not there, the keys': [s => delete s.object.nothing, s => Object.keys(s.object).join()],
  'a write of an old key, the keys': [s => (s.object.a = 5), s => Object.keys(s.object).join()],
  'a symbol, a string of that name': [s => (s.object[Symbol.for('a') as never] = 5), s => s.object.a],
  'a proxy of a module, another property': [() => (viewOfSettings.mode = 'b'), () => settings.size],
  'two targets': [s => (s.proxy.x = 5), s => s.proxy.y],
  'what a trap does not read': [s => (s.target.x = 5), s => s.trapped.x],
  'what a toJSON leaves out': [s => (s.withJson.secret = 5), s => JSON.stringify(s.withJson)],
  'what a printed object only refers to': [s => (s.target.x = 5), s => inspect({ other: s.nested })],
  'freezing and reading': [s => Object.freeze(s.object), s => s.object.a],
  'two copies': [s => ({ ...s.object }).a, s => structuredClone(s.object).a],
  'a nested pattern, its sibling': [
    s => (s.nested.other.n = 5),
    s => {
      const {
        inner: { n },
      } = s.nested
      return n
    },
  ],
}

describeActs('properties of objects', setup, meeting, apart)
