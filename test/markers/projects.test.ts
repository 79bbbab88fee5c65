import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { registerUrl, run, writeProject } from '../support/project.js'

const frontrunUrl = new URL('../../dist/index.js', import.meta.url).href
const cli = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

async function start(args: readonly string[], files: Record<string, string>): Promise<string> {
  const cwd = writeProject(files)
  const { stdout, stderr } = await run(process.execPath, args, { cwd, env: { NODE_NO_WARNINGS: '1' } })
  expect(stderr).toBe('')
  return stdout.trim()
}

const schedule = (steps: string) =>
  `new Schedule(${JSON.stringify(steps.split(' ').map(step => step.split(':')))}.map(([worker, marker]) => new Step(worker, marker)))`

describe('markers of files that Node loads', () => {
  test('TypeScript with JSX, and CommonJS', async () => {
    const files = {
      'view.tsx': `/** @jsxRuntime classic @jsx h */
const h = (tag: string, props: object | null, ...children: unknown[]) => ({ tag, props, children })
export interface Item { name: string }
export class View<T extends Item> {
  log: string[] = []
  constructor(private readonly items: readonly T[]) {}
  render(title: string) {
    return (
      <ul title={title}>
        {/* frontrun: list */}
        {this.items.map((item: T) => <li>{this.log.push(title + item.name) as number}</li>)}
      </ul>
    )
  }
}`,
      'count.cjs': `exports.count = function count(log, name) {
  log.push(name) // frontrun: count
}`,
      'main.mjs': `import { frontrun, Schedule, Step } from '${frontrunUrl}'
import { View } from './view.tsx'
import { count } from './count.cjs'
const view = new View([{ name: '1' }, { name: '2' }])
const workers = { a: () => view.render('a'), b: () => view.render('b'), c: () => count(view.log, 'c') }
await frontrun(${schedule('b:list c:count a:list')}, workers)
console.log(view.log.join(' '))`,
    }
    expect(await start(['--import', registerUrl, 'main.mjs'], files)).toBe('b1 b2 c a1 a2')
  })

  test('packages that are traced, and those that are not', async () => {
    const files = {
      'node_modules/counter/package.json':
        '{"name":"counter","version":"1.0.0","type":"module","exports":"./index.js"}',
      'node_modules/counter/index.js': `export class Counter {
  value = 0
  increment() {
    const { value } = this // frontrun: read
    this.value = value + 1 // frontrun: write
  }
}`,
      'main.mjs': `import { frontrun, Schedule, Step } from '${frontrunUrl}'
import { Counter } from 'counter'
const counter = new Counter()
const increment = () => counter.increment()
try {
  await frontrun(${schedule('a:read b:read a:write b:write')}, { a: increment, b: increment })
  console.log(counter.value)
} catch (error) {
  console.log(error.name + ': ' + error.message)
}`,
    }
    expect(await start([cli, '--trace-packages=counter', 'node', 'main.mjs'], files)).toBe('1')
    expect(await start([cli, 'node', 'main.mjs'], files)).toBe(
      "UnknownStepError: frontrun: step 1 of 4 is (a, read), but no instrumented file that was loaded has a marker 'read'. None of them has any: packages have to be traced.",
    )
  })
})
