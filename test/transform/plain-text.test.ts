import { expect, test } from 'vitest'
import { instrument } from '../../src/transform/index.js'

/** The texts of a file's instrumented functions, as its prelude hands them over. */
function texts(source: string, id: string): string[] {
  const { code } = instrument(source, id, { format: 'module' })
  const tables = /,spans:(\[[^\]]*\]),text:\(\)=>("(?:[^"\\]|\\.)*")/.exec(code)
  const spans: number[] = JSON.parse(tables?.[1] ?? '[]')
  const text: string = JSON.parse(tables?.[2] ?? '""')
  const found: string[] = []
  for (let at = 0; at < spans.length; at += 3) found.push(text.slice(spans[at + 1], spans[at + 2]))
  return found
}

test('the text of JavaScript functions is kept as it is', () => {
  const source = `export const o = { async go({ a, b = 2 }, ...c) { return a /* why */ }, get v() { return 1 }, f: x => x }
class K { static async run([x], y = x) { return y } static static() {} static *native() {} #p() {} }`
  expect(texts(source, '/a.js').sort()).toEqual([
    '#p() {}',
    'async go({ a, b = 2 }, ...c) { return a /* why */ }',
    'async run([x], y = x) { return y }',
    'get v() { return 1 }',
    'static() {}',
    'x => x',
  ])
})

test('types are taken out of the text', () => {
  const source = `const fixture = async ({ page, b = 2 as number }: Fixtures, info?: X): Promise<void> => {
  let q!: number
  await page!<string>(b satisfies number, <X>q)
}
abstract class K<T> extends B<T> implements I {
  @dec() public static async run<T>(this: K<T>, [x]: number[], y: T = x): Promise<T> { return await this.v }
  private over?(a: string): void
  protected over?(a: any) { return a as X }
}
function outer(this: Window, a?: number): void { class L implements I { private p!: number } }`
  expect(
    texts(source, '/a.ts')
      .map(text => text.replace(/\s+/g, ' '))
      .sort(),
  ).toEqual([
    'async ({ page, b = 2 } , info ) => { let q await page (b , q) }',
    'async run ( [x] , y = x) { return await this.v }',
    'function outer( a ) { class L { p } }',
    'over (a ) { return a }',
  ])
})

test('a function with what only a compiler can translate has no text', () => {
  const source =
    'function f() { enum E { A } }\nfunction g() { return class { constructor(public a: number) {} } }\nfunction h() {}'
  expect(texts(source, '/a.ts')).toEqual(['function h() {}'])
})

test('no tool takes the kept text for the name of the source map', () => {
  const { code } = instrument('export const f = () => 1\n//# sourceMappingURL=a.js.map', '/a.js', { format: 'module' })
  expect(code.match(/# sourceMappingURL=/g)).toHaveLength(1)
})

test('an optional parameter after a pattern stays valid TypeScript', () => {
  const source = 'export const f = ({ a }: { a: number }, b?: string) => [a, b]'
  const { code } = instrument(source, '/a.ts', { format: 'module', keepTypes: false })
  expect(code).toContain('let b = $p1;')
})
