import { exploreDpor } from 'frontrun'
import { expect, test } from 'vitest'
import { type Act, meet } from './support/act-pairs.js'
import { type Acts, describeActs } from './support/act-table.js'
import { evaluateModule } from './support/evaluate-module.js'
import * as level from './support/live-level.js'
import renamed, { level as again, bump, count, replace, reset, step, total } from './support/live-names.js'

declare let someGlobal: number

/** Two sloppy scripts that share a variable which neither declares. */
const writer = evaluateModule('exports.set = n => { scriptGlobal = n }') as { set(n: number): void }
const reader = evaluateModule('exports.get = () => scriptGlobal; exports.type = () => typeof scriptGlobal') as {
  get(): number
  type(): string
}

const setup = () => {
  reset()
  level.reset()
  Object.assign(globalThis, { someGlobal: 1, scriptGlobal: 1, otherGlobal: 1 })
  const turns: { get(): number; set(n: number): void }[] = []
  for (let i = 0; i < 2; i++) {
    turns.push({
      get: () => i,
      set: n => {
        i = n
      },
    })
  }
  const collected: (() => number)[] = []
  for (const each of [1, 2]) collected.push(() => each)
  let shared = 0
  let apart = 0
  return {
    turns,
    collected,
    readShared: () => shared,
    addShared: () => {
      shared += 1
    },
    swap: () => {
      ;[shared, apart] = [apart + 1, shared]
    },
    readApart: () => apart,
  }
}
type State = ReturnType<typeof setup>

const meeting: Acts<State> = {
  'a variable of one turn, a closure of the same turn': [s => s.turns[0].set(5), s => s.turns[0].get()],
  'a captured variable': [s => s.addShared(), s => s.readShared()],
  'a captured variable that a pattern assigns': [s => s.swap(), s => s.readShared()],
  'a property of globalThis, the variable': [
    () => {
      ;(globalThis as { someGlobal?: number }).someGlobal = 2
    },
    () => someGlobal,
  ],
  'the variable, a property of globalThis': [
    () => {
      someGlobal = 2
    },
    () => (globalThis as { someGlobal?: number }).someGlobal,
  ],
  'a variable of two scripts': [() => writer.set(2), () => reader.get()],
  'a variable that its module assigns, an import of it': [() => bump(), () => count],
  'a variable that its module assigns, its export by another name': [() => bump(), () => total],
  'a function that its module replaces, a call of it': [() => replace(), () => step()],
  'a variable that its module assigns, the default import': [() => bump(), () => renamed],
  'a variable of a namespace': [() => level.raise(), () => level.level],
  'a variable that a second module exports': [() => level.raise(), () => again],
  'a global that goes, typeof': [() => Reflect.deleteProperty(globalThis, 'scriptGlobal'), () => reader.type()],
}

const apart: Acts<State> = {
  'variables of two turns': [s => s.turns[0].set(5), s => s.turns[1].get()],
  'two turns of for of': [s => s.collected[0](), s => s.collected[1]()],
  'two captured variables': [s => s.addShared(), s => s.readApart()],
  'two variables of one module': [() => bump(), () => step()],
  'variables of two modules': [() => bump(), () => level.level],
  'two globals': [
    () => {
      ;(globalThis as { otherGlobal?: number }).otherGlobal = 2
    },
    () => someGlobal,
  ],
}

describeActs('variables', setup, meeting, apart)

test('what a closure changes between turns, the next turn begins with', async () => {
  const act: Act<State> = () => {
    const seen: number[] = []
    for (let i = 0; i < 6; i++) {
      const skip = () => {
        i++
      }
      skip()
      seen.push(i)
    }
    return seen.join()
  }
  const { endings } = await meet(setup, [act, act])
  expect(endings).toEqual(['1,3,5 | 1,3,5 | '])
})

test('a story shows the values of variables', async () => {
  let module = 0
  const result = await exploreDpor({
    setup: () => {
      module = 7
      let inner = 3
      return {
        add: () => {
          inner += 1
          module += 1
        },
        read: () => inner,
      }
    },
    threads: [s => s.add(), s => s.add()],
    invariant: s => s.read() === 5 && module === 9,
  })
  expect(result.explanation).toContain('[read inner = 3] [write inner = 4]')
})
