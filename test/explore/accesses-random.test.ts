import { expect, test } from 'vitest'
import { explore } from './support/act-pairs.js'
import { evaluateModule } from './support/evaluate-module.js'
import { randomNumbers } from './support/random-numbers.js'

/** More of them, or others, by hand, as for random-programs. */
const FIRST = Number(process.env.FRONTRUN_SEED ?? 1)
const PROGRAMS = Number(process.env.FRONTRUN_PROGRAMS ?? 60)
const MOST_SCHEDULES = Number(process.env.FRONTRUN_SCHEDULES ?? 300)

const setup = `() => {
  class C { constructor(s) { this.before = s.o.x; s.o.x = 7 } m() { return 'm' } }
  class D extends C { constructor(s) { super(s); this.after = s.o.x; s.o.y = 8 } }
  const o = { x: 1 }, base = { x: 2, m() { return 'base' } }, list = [3, 1, 2], memory = new ArrayBuffer(4)
  return {
    C, D, o, base, leaf: Object.create(base), list, proxy: new Proxy(o, {}),
    acc: { n: 1, get v() { return this.n }, set v(n) { this.n = n } },
    map: new Map([['a', 1]]), set: new Set([1]), date: new Date(5), it: list.values(), url: new URL('http://a/b'),
    bytes: new Uint8Array(memory), ints: new Int16Array(memory), c: new C({ o: {} }),
    num: { n: 2, valueOf() { return this.n } }, seen: ['', '', ''],
  }
}`

/** `r` gathers what is seen; `N` is a number. */
const looks = [
  ...['r+=s.o.x', 'r+=s.leaf.x', 'r+=s.list.length', 'r+=s.list.join()', 'r+=[...s.map.keys()].join()'],
  ...['r+=s.map.get("a")', 'r+=s.list.indexOf(2)', 'r+=Object.keys(s.o)', 'r+=JSON.stringify(s.o)', 'r+=s.proxy.x'],
  ...['r+=s.acc.v', 'r+=s.leaf.m()', 'r+=+s.date', 'r+=s.it.next().value', 'r+=s.bytes[1]', 'r+=s.ints[0]'],
  ...['r+="x" in s.leaf', 'for(const k in s.leaf)r+=k', 'r+=new Set(s.list).size', 'r+=s.list.slice(1)', 'r+=s.url'],
  ...['{const[a,b]=s.list;r+=a+b}', 'r+=String(s.list)', 'r+=s.c.m()', 'r+=s.num*2', 'r+=s.map.size', 'r+={...s.o}.x'],
  ...['r+=s.list.includes(3)', 'r+=s.set.has(2)', 'r+=new s.C(s).before', 'r+=new s.D(s).after', 'r+=s.list.at(-1)'],
]
const changes = [
  ...['s.o.x=N', 's.base.x=N', 's.leaf.x=N', 'delete s.o.x', 'delete s.leaf.x', 's.list.push(N)', 's.list[1]=N'],
  ...['s.list.sort((a,b)=>a-b)', 's.list.splice(0,1)', 's.map.set("a",N)', 's.map.set("k",N)', 's.map.delete("a")'],
  ...['s.proxy.x=N', 's.acc.v=N', 's.base.m=()=>N', 'Object.setPrototypeOf(s.leaf,s.o)', 's.date.setTime(N)'],
  ...['Object.assign(s.o,{x:N,y:N})', 's.bytes[1]=N', 's.ints[0]+=N', 's.list.reverse()', 's.list.length=1'],
  ...['s.list.fill(N,1)', 'Object.defineProperty(s.leaf,"x",{value:N,configurable:true})', 's.url.search="?"+N'],
  ...[
    's.c.m=()=>N',
    's.C.prototype.m=()=>N',
    's.num.n=N',
    's.set.add(2)',
    's.list.shift()',
    's.acc.v+=N',
    's.map.clear()',
  ],
]
const print = `s => [s.seen, s.o, s.leaf.x, s.list, [...s.map], s.acc.n, +s.date, s.ints, s.url.href, s.num.n].map(x => JSON.stringify(x)).join('|')`

function randomSource(seed: number, unit: 'tasks' | 'threads'): string {
  const below = randomNumbers(seed)
  const pick = (list: readonly string[]): string => list[below(list.length)].replaceAll('N', String(1 + below(3)))
  const bodies = [0, 1].map(index => {
    const acts = [pick(below(2) ? changes : looks), ...(below(2) ? [pick(below(3) ? looks : changes)] : [])]
    const [begin, between] = unit === 'tasks' ? ['async s=>', ';await null;'] : ['s=>', ';']
    return `${begin}{let r='';${acts.join(between)};s.seen[${index}]=r}`
  })
  return `exports.setup=${setup};exports.bodies=[${bodies.join(',\n')}];exports.print=${print}`
}

test.each(['tasks', 'threads'] as const)('random %s: executions = traces = every schedule', async unit => {
  const failures: string[] = []
  let compared = 0
  for (let seed = FIRST; seed < FIRST + PROGRAMS; seed++) {
    const source = randomSource(seed, unit)
    const { setup, bodies, print } = evaluateModule(source) as {
      setup(): object
      bodies: ((state: object) => unknown)[]
      print(state: object): string
    }
    try {
      if ((await explore(unit, setup, bodies, print, MOST_SCHEDULES)).compared) compared++
    } catch (error) {
      failures.push(`seed ${seed}: ${(error as Error).message}\n${source.slice(source.indexOf('exports.bodies'))}`)
    }
  }
  expect(failures.slice(0, 3).join('\n\n')).toBe('')
  expect(compared).toBeGreaterThan(PROGRAMS * (unit === 'tasks' ? 0.8 : 0.15))
})
