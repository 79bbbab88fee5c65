import { randomNumbers } from './random-numbers.js'

/**
 * The text of a random CommonJS module whose `load` makes `setup` and `bodies`: two or three root tasks that change few of
 * three variables each, in several macrotasks, so that many orders of those lead to the same.
 */
export function macrotaskSource(seed: number): string {
  const below = randomNumbers(seed)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]
  let timers = 3
  let number = 1

  const change = (names: readonly string[]): string => {
    const [to, from] = [pick(names), pick(names)]
    return pick([`s.${to}=s.${from}*2+${number++};`, `{const t=s.${from};await null;s.${to}=t+${number++};}`])
  }
  const statement = (names: readonly string[]): string => {
    switch (below(6)) {
      case 0:
      case 1:
        if (timers-- > 0) return `await new Promise(r=>setTimeout(r,${1 + below(2)}));${change(names)}`
        return change(names)
      case 2:
        if (timers-- > 0) return `setTimeout(async()=>{${change(names)}},${1 + below(2)});`
        return change(names)
      case 3:
        return pick(['s.open();', `await s.opened;${change(names)}`, `s.opened.then(async()=>{${change(names)}});`])
      default:
        return change(names)
    }
  }
  const bodies = Array.from({ length: 2 + below(2) }, () => {
    const names = pick([['x'], ['y'], ['z'], ['x', 'y'], ['y', 'z']])
    return `async s=>{${Array.from({ length: 1 + below(3) }, () => statement(names)).join('')}}`
  })
  return `exports.load=()=>{
const setup=()=>{const s={x:0,y:0,z:0};s.opened=new Promise(r=>{s.open=r});return s};
const bodies=[${bodies.join(',\n')}];
return {setup,bodies}};`
}
