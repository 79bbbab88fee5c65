import { type Acts, describeActs } from './support/act-table.js'

const setup = () => {
  function* numbers(): Generator<number> {
    for (let n = 0; ; n++) yield n
  }
  return {
    list: [3, 1, 2],
    pairs: [
      ['a', 1],
      ['b', 2],
    ] as [string, number][],
    map: new Map([
      ['a', 1],
      ['b', 2],
    ]),
    set: new Set(['a']),
    weakMap: new WeakMap<object, number>(),
    iterator: [10, 20, 30].values(),
    ids: numbers(),
    key: {},
    otherKey: {},
    log: [] as string[],
  }
}
type State = ReturnType<typeof setup>

const taken = (iterator: Iterator<unknown>, turns: number): string => {
  let all = ''
  for (let turn = 0; turn < turns; turn++) all += String(iterator.next().value)
  return all
}

const meeting: Acts<State> = {
  'push, push': [s => s.list.push(8), s => s.list.push(9)],
  'push, length': [s => s.list.push(8), s => s.list.length],
  'push, pop': [s => s.list.push(8), s => s.list.pop()],
  'shift, an element': [s => s.list.shift(), s => s.list[0]],
  'splice, an element behind it': [s => s.list.splice(0, 1), s => s.list[1]],
  'splice, an element it puts': [s => s.list.splice(1, 1, 7), s => s.list[1]],
  'fill of a part, an element in it': [s => s.list.fill(0, 1), s => s.list[2]],
  'sort with a comparison, join': [s => s.list.sort((a, b) => a - b).length, s => s.list.join()],
  'toSorted with a comparison, a write': [s => s.list.toSorted((a, b) => a - b).join(), s => (s.list[0] = 0)],
  'an element, includes': [s => (s.list[2] = 7), s => s.list.includes(7)],
  'an element, indexOf behind it': [s => (s.list[0] = 2), s => s.list.indexOf(2)],
  'an element, lastIndexOf': [s => (s.list[2] = 3), s => s.list.lastIndexOf(3)],
  'a hole that is filled, forEach': [
    s => (s.list[4] = 9),
    s => {
      let sum = 0
      for (const n of s.list) sum += n ?? 100
      return sum
    },
  ],
  'an element, values()': [s => (s.list[0] = 7), s => taken(s.list.values(), 3)],
  'an element, entries()': [s => (s.list[0] = 7), s => taken(s.list.entries(), 1)],
  'push, keys()': [s => s.list.push(7), s => taken(s.list.keys(), 4)],
  'an element, what is left of an iterator': [
    s => (s.list[2] = 7),
    s => {
      const iterator = s.list.values()
      iterator.next()
      return [...iterator].join()
    },
  ],
  'an element, flatMap': [s => (s.list[0] = 7), s => s.list.flatMap(n => [n, n]).join()],
  'one iterator, two takers': [s => s.iterator.next().value, s => s.iterator.next().value],
  'one generator, two takers': [s => s.ids.next().value, s => s.ids.next().value],
  'an element, a Set of the list': [s => (s.list[0] = 7), s => new Set(s.list).has(7)],
  'an element, a Map of pairs': [s => (s.pairs[0][1] = 7), s => new Map(s.pairs).get('a')],
  'a value, a copy of the map': [s => s.map.set('a', 7), s => new Map(s.map).get('a')],
  'a key, Object.fromEntries': [s => s.map.set('a', 7), s => Object.fromEntries(s.map).a],
  'a key, Array.from of its keys': [s => s.map.set('c', 7), s => Array.from(s.map.keys()).join()],
  'a value, values()': [s => s.map.set('a', 7), s => taken(s.map.values(), 2)],
  'a key, the first key': [s => s.map.delete('a'), s => s.map.keys().next().value],
  'a key, forEach': [
    s => s.map.set('c', 7),
    s => {
      let keys = ''
      s.map.forEach((_, key) => {
        keys += key
      })
      return keys
    },
  ],
  'has, then set': [s => (s.map.has('c') ? 'there' : s.map.set('c', 1).size), s => s.map.set('c', 2).get('c')],
  'set.add, set.size': [s => s.set.add('b'), s => s.set.size],
  'set.add, spread': [s => s.set.add('b'), s => [...s.set].join()],
  'two keys that are added, and their order': [s => s.set.add('b'), s => [s.set.add('c'), [...s.set].join()].join()],
  'weakMap.set, weakMap.get': [s => s.weakMap.set(s.key, 1), s => s.weakMap.get(s.key)],
  'an element, array destructuring': [
    s => (s.list[1] = 7),
    s => {
      const [, second] = s.list
      return second
    },
  ],
  'push, array destructuring with rest': [
    s => s.list.push(7),
    s => {
      const [, ...rest] = s.list
      return rest.length
    },
  ],
}

const apart: Acts<State> = {
  'two elements': [s => (s.list[0] = 7), s => s.list[1]],
  'an element, the length': [s => (s.list[0] = 7), s => s.list.length],
  'splice, an element before it': [s => s.list.splice(1, 1), s => s.list[0]],
  'fill of a part, an element outside': [s => s.list.fill(0, 1), s => s.list[0]],
  'an element behind what indexOf finds': [s => (s.list[2] = 7), s => s.list.indexOf(3)],
  'an element, the keys()': [s => (s.list[0] = 7), s => taken(s.list.keys(), 3)],
  'an element, an iterator that never gets there': [s => (s.list[2] = 7), s => taken(s.list.values(), 2)],
  'making an iterator, push': [s => String(s.list.values()), s => s.list.push(7)],
  'two iterators over one list': [s => taken(s.list.values(), 2), s => taken(s.list.values(), 2)],
  'two keys': [s => s.map.set('a', 7), s => s.map.get('b')],
  'two new keys': [s => s.map.set('c', 7), s => s.map.set('d', 8)],
  'a value, the keys()': [s => s.map.set('a', 7), s => taken(s.map.keys(), 2)],
  'a value, the size': [s => s.map.set('a', 7), s => s.map.size],
  'two entries of a Set': [s => s.set.add('b'), s => s.set.has('c')],
  'adding what is there, the size': [s => s.set.add('a'), s => s.set.size],
  'two keys of a WeakMap': [s => s.weakMap.set(s.key, 1), s => s.weakMap.get(s.otherKey)],
  'an element, a pattern that skips it': [
    s => (s.list[2] = 7),
    s => {
      const [first, second] = s.list
      return first + second
    },
  ],
}

describeActs('arrays, collections and iterators', setup, meeting, apart)
