import { type Acts, describeActs } from './support/act-table.js'

/** Methods that not every supported version of Node has: those that there are. */
const exists = (owner: object, name: string): boolean => name in owner

interface State {
  list: number[]
  map: Map<string, number>
  a: any
  b: any
  memory: any
  view: Uint8Array
}
const setup = (): State => {
  const memory = new (ArrayBuffer as any)(2, { maxByteLength: 8 })
  return {
    list: [3, 1, 2],
    map: new Map([['a', 1]]),
    a: new Set([1, 2]),
    b: new Set([2]),
    memory,
    view: new Uint8Array(memory),
  }
}
const values = (s: State): any => s.list.values()
const first = (s: State): unknown => (s.list[0] = 8)
const last = (s: State): unknown => (s.list[2] = 9)

const helpers: Acts<State> = {
  'an element, Iterator.map': [first, s => [...values(s).map((n: number) => n * 2)].join()],
  'an element, Iterator.filter and next': [s => (s.list[0] = 0), s => values(s).filter(Boolean).next().value],
  'an element, Iterator.take': [last, s => values(s).take(3).toArray().join()],
  'an element, Iterator.some': [last, s => values(s).some((n: number) => n === 9)],
  'an element, Iterator.reduce': [last, s => values(s).reduce((a: number, b: number) => a + b)],
  'an element, Iterator.find': [first, s => values(s).find((n: number) => n > 2)],
  'an element, Iterator.from': [last, s => (globalThis as any).Iterator.from(s.list).drop(1).toArray().join()],
}
const sets: Acts<State> = {
  'set.add, union': [s => s.b.add(5).size, s => s.a.union(s.b).size],
  'set.add, isSubsetOf': [s => s.b.add(5).size, s => s.b.isSubsetOf(s.a)],
}
const grouping: Acts<State> = {
  'an element, Object.groupBy': [first, s => (Object as any).groupBy(s.list, (n: number) => n % 2)[1].length],
  'an element, Map.groupBy': [first, s => (Map as any).groupBy(s.list, (n: number) => n % 2).get(1).length],
}
const memory: Acts<State> = {
  'resize, the length of a view': [s => s.memory.resize(4), s => s.view.length],
  'resize, an element that comes to be': [s => s.memory.resize(4), s => s.view[3]],
}

describeActs(
  'what newer versions of the language have',
  setup,
  {
    ...(exists([].values(), 'map') ? helpers : {}),
    ...(exists(Set.prototype, 'union') ? sets : {}),
    ...(exists(Object, 'groupBy') ? grouping : {}),
    ...(exists(Map.prototype, 'getOrInsert')
      ? { 'map.set, getOrInsert': [s => s.map.set('q', 4).size, s => (s.map as any).getOrInsert('q', 1)] }
      : {}),
    ...memory,
  },
  {
    'an element, the length of a view': [s => s.memory.byteLength, s => s.view.length],
    'two sets': [s => s.a.add(7), s => s.b.has(7)],
  },
)
