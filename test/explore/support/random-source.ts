import { randomNumbers } from './random-numbers.js'

export type Unit = 'tasks' | 'threads'

/** Where a random program keeps its variables: as the text that reads, writes and makes them. */
interface Store {
  make: string
  read(x: string): string
  write(x: string, value: string): string
}

const variables = ['x', 'y', 'z']

const stores: Store[] = [
  { make: 'x:0,y:0,z:0', read: x => `s.${x}`, write: (x, value) => `s.${x}=${value}` },
  {
    make: 'a:[0,0,0]',
    read: x => `s.a[${variables.indexOf(x)}]`,
    write: (x, value) => `s.a[${variables.indexOf(x)}]=${value}`,
  },
  {
    make: "m:new Map([['x',0],['y',0],['z',0]])",
    read: x => `s.m.get('${x}')`,
    write: (x, value) => `s.m.set('${x}',${value})`,
  },
  { make: 'k:(x=0,y=0,z=0)', read: x => x, write: (x, value) => `${x}=${value}` },
]

/**
 * The text of a random CommonJS module that exports `setup`, `bodies` (two or three tasks or threads) and `print`. The
 * bodies read, write and branch on up to three shared variables, take and try locks; tasks also await, settle a shared
 * promise, and start others: un-awaited calls, `Promise.all`, `.then`, jobs and timers.
 */
export function randomSource(seed: number, unit: Unit): string {
  const below = randomNumbers(seed)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]
  const store = pick(stores)
  const used = variables.slice(0, 1 + below(3))
  const locks = ['l', 'o'].slice(0, below(3))
  const count = below(3) === 0 ? 3 : 2
  let budget = unit === 'tasks' ? (count === 2 ? 6 : 5) : count === 2 ? 5 : 4
  let names = 0

  const x = (): string => pick(used)
  const value = (): string => pick(['1', '2', 'v+1', `${store.read(x())}+1`])
  const access = (): string => {
    budget--
    switch (below(4)) {
      case 0:
        return `v=${store.read(x())}`
      case 1:
        return store.write(x(), String(1 + below(2)))
      case 2: {
        const name = x()
        return store.write(name, `${store.read(name)}+1`)
      }
      default:
        return store.write(x(), value())
    }
  }
  const condition = (): string => pick([`${store.read(x())}>${below(2)}`, `v>${below(2)}`])
  const branch = (body: () => string): string => `if(${condition()}){${body()}}${below(2) ? `else{${body()}}` : ''}`

  const threadStatement = (): string => {
    if (locks.length > 0 && below(3) === 0) return threadLock(pick(locks))
    return below(4) === 0 ? branch(() => `${access()};`) : `${access()};`
  }
  const threadLock = (lock: string): string => {
    budget -= 2
    if (below(3) === 0) return `if(${lock}.tryAcquire()){${access()};${lock}.release()}`
    if (below(8) === 0) return `${lock}.acquireSync();`
    const inner = locks.length > 1 && below(3) === 0 ? threadLock(locks[1 - locks.indexOf(lock)]) : `${access()};`
    return `${lock}.acquireSync();${inner}${lock}.release();`
  }

  const segment = (): string => `${access()};${below(3) === 0 ? `${access()};` : ''}`
  const pause = (): string => {
    budget--
    return pick(['await null;', 'await null;', 'await helper(s);', 'await (async()=>{await null})();'])
  }
  const child = (): string => `async()=>{${below(2) ? 'await null;' : ''}${segment()}}`
  const start = (): string => {
    budget -= 2
    const name = `p${names++}`
    switch (below(8)) {
      case 0:
        return `const ${name}=(${child()})();${segment()}${below(2) ? `await ${name};` : ''}`
      case 1:
        return `await Promise.all([(${child()})(),(${child()})()]);`
      case 2:
        return `Promise.resolve(${below(3)}).then(r=>{v=r;${segment()}});`
      case 3:
        return `queueMicrotask(()=>{${segment()}});`
      case 4:
        return `const ${name}=setTimeout(()=>{${segment()}},${1 + below(3)});${below(3) === 0 ? `await null;clearTimeout(${name});` : ''}`
      case 5:
        return `await new Promise(r=>setTimeout(r,${1 + below(3)}));`
      case 6:
        return `v=await s.promise;`
      default:
        return `s.resolve(${1 + below(2)});`
    }
  }
  const taskLock = (lock: string): string => {
    budget--
    if (below(4) === 0) return `if(${lock}.tryAcquire()){${segment()}${below(2) ? 'await null;' : ''}${lock}.release()}`
    if (below(3) === 0)
      return `await ${lock}.withLock(async()=>{${segment()}${below(2) ? 'await null;' : ''}${segment()}});`
    return `await ${lock}.acquire();${segment()}${below(2) ? 'await null;' : ''}${lock}.release();`
  }
  const taskStatement = (): string => {
    switch (below(6)) {
      case 0:
        return branch(() => (below(2) ? segment() : pause() + segment()))
      case 1:
        return locks.length > 0 ? taskLock(pick(locks)) : segment()
      case 2:
        return budget > 1 ? start() : segment()
      default:
        return below(2) ? pause() + segment() : segment()
    }
  }

  const total = budget
  const bodies = Array.from({ length: count }, (_, i) => {
    let text = ''
    const left = total - Math.floor((total * (i + 1)) / count)
    do text += unit === 'tasks' ? taskStatement() : threadStatement()
    while (budget > left && below(5) > 0)
    budget = left
    return `${unit === 'tasks' ? 'async ' : ''}s=>{let v=0;${text}}`
  })
  return [
    'let x=0,y=0,z=0;const l=new Lock(),o=new Lock();',
    `async function helper(s){${below(2) ? `${store.write(x(), '3')};` : ''}${below(2) ? 'await null;' : ''}}`,
    `exports.setup=()=>{const s={${store.make}};`,
    's.promise=new Promise(resolve=>{s.resolve=resolve});return s};',
    `exports.bodies=[${bodies.join(',\n')}];`,
    `exports.print=s=>[${variables.map(name => store.read(name)).join()}].join();`,
  ].join('\n')
}
