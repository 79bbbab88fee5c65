import { randomNumbers } from './random-numbers.js'

/**
 * The text of a random CommonJS module whose `load` makes `setup` and `bodies` (one to three root tasks), written for the order
 * of microtasks: each body logs where it is between awaits of all sorts of things. It gets `setTimeout` and
 * `process.nextTick` as names, so that a harness can hand in its own.
 */
export function eventLoopSource(seed: number): string {
  const below = randomNumbers(seed)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]
  const count = pick([1, 2, 2, 2, 2, 3])
  let budget = count === 3 ? 9 : 12
  let timers = count === 3 ? 1 : 3
  let names = 0
  let marks = 0

  const log = (): string => `s.log.push('${'abc'[body]}${marks++}');`
  let body = 0

  /** An expression that is a promise, mostly. */
  const promise = (depth: number): string => {
    budget--
    if (depth > 2 || budget < 0) return pick(['null', 'Promise.resolve(1)', 's.done', 's.shared'])
    switch (below(20)) {
      case 0:
        return pick(['1', 'null', 's.n'])
      case 1:
        return 'Promise.resolve(2)'
      case 2:
        return 's.shared'
      case 3:
        return `thenable(()=>{${log()}})`
      case 4:
        return `(async()=>{${block(depth + 1)}})()`
      case 5:
        return `(async()=>{${log()}return ${promise(depth + 1)}})()`
      case 6:
        return `(async()=>{${log()}await ${promise(depth + 1)};return ${promise(depth + 1)}})()`
      case 7:
        return `of(${promise(depth + 1)}).then(v=>{${log()}return ${promise(depth + 1)}})`
      case 8:
        return `of(${promise(depth + 1)}).then(()=>{${log()}},()=>{${log()}})`
      case 9:
        return `of(${promise(depth + 1)}).finally(()=>{${log()}${below(2) ? `return ${promise(depth + 1)}` : ''}})`
      case 10:
        return `Promise.${pick(['all', 'race', 'allSettled', 'any'])}([${promise(depth + 1)},${promise(depth + 1)}])`
      case 11:
        return `new Promise(r=>{${log()}r(${promise(depth + 1)})})`
      case 12:
        return `Sub.resolve(${pick(['1', 's.shared'])})${below(2) ? `.then(()=>{${log()}})` : ''}`
      case 13:
        return `of(${promise(depth + 1)}).then()`
      case 14:
        return `thrower(()=>{${log()}})`
      case 15:
        return `of(1).then(()=>{${log()}throw 1}).catch(()=>{${log()}})`
      case 16:
        if (timers-- > 0) return `new Promise(r=>setTimeout(()=>{${log()}r(${below(3)})},${1 + below(3)}))`
        return 'null'
      case 17:
        return `new Sub(r=>r(${pick(['1', 's.done'])}))`
      case 18:
        return `generate(s,'${'abc'[body]}${marks++}',${promise(depth + 1)}).next()`
      default:
        return `tick(s,'${'abc'[body]}${marks++}')`
    }
  }

  const statement = (depth: number): string => {
    budget--
    switch (below(14)) {
      case 0:
      case 1:
      case 2:
        return `await ${promise(depth)};${log()}`
      case 3:
        return `of(${promise(depth)}).then(()=>{${log()}});`
      case 4:
        return `queueMicrotask(()=>{${log()}});`
      case 5:
        return `process.nextTick(()=>{${log()}});`
      case 6: {
        const name = `p${names++}`
        return `const ${name}=${promise(depth)};${log()}await ${name};${log()}`
      }
      case 7:
        return `(async()=>{${block(depth + 1)}})();`
      case 8:
        return `for await(const v of [${promise(depth)},${below(2) ? promise(depth) : '1'}]){${log()}${below(3) ? '' : 'break;'}}`
      case 9:
        return `for await(const v of generate(s,'${'abc'[body]}${marks++}',${promise(depth)})){${log()}${below(3) ? '' : 'break;'}}`
      case 10:
        return `try{await ${promise(depth)};${log()}throw 1}catch{${log()}}finally{await ${promise(depth)};${log()}}`
      case 11:
        return pick(['s.resolve(1);', 's.resolve(s.done);', `s.reject(1);`, 's.n++;'])
      case 12:
        if (timers-- > 0)
          return `setTimeout(${below(2) ? 'async' : ''}()=>{${log()}${below(2) ? 's.resolve(2);' : ''}},${1 + below(3)});`
        return log()
      default:
        return `if(s.n>0){${log()}}else{s.n++;await ${promise(depth)};${log()}}`
    }
  }

  const block = (depth: number): string => {
    let text = log()
    do text += statement(depth)
    while (budget > 0 && below(3) > 0)
    return text
  }

  const total = budget
  const bodies = Array.from({ length: count }, (_, index) => {
    body = index
    marks = 0
    budget = Math.ceil(total / count)
    return `async s=>{${block(0)}}`
  })
  // In a function, so that the module has no state of its own that later explorations would look at.
  return `exports.load=()=>{
const of=v=>Promise.resolve(v);
class Sub extends Promise{}
const thenable=note=>({get then(){note();return (resolve)=>{note();resolve(3);resolve(4)}}});
const thrower=note=>({then(resolve,reject){note();if(${below(2)})reject(1);else resolve(Promise.resolve(5))}});
async function tick(s,name){s.log.push(name);await null;s.log.push(name+"'");return name}
async function* generate(s,name,p){try{s.log.push(name);yield p;s.log.push(name+"'");yield* [1];await null}finally{s.log.push(name+'!');await null;s.log.push(name+'.')}}
const setup=()=>{const s={log:[],n:0,done:Promise.resolve(0)};s.shared=new Promise((a,b)=>{s.resolve=a;s.reject=b});return s};
const bodies=[${bodies.join(',\n')}];
return {setup,bodies}};`
}
