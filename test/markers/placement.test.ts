import { expect, test } from 'vitest'
import { findMarkers } from '../../src/transform/markers.js'
import { languageOf, parse } from '../../src/transform/parse.js'
import { LineTable } from '../../src/transform/source-map.js'

/** What the markers of a text gate: its source text, or `end of …`. */
function gated(source: string, file: string): string[] {
  const parsed = parse(source, file, languageOf(file))
  expect(parsed.error).toBeUndefined()
  const { before, atEnd } = findMarkers(parsed, source, new LineTable(source))
  const text = (node: { start: number; end: number }) => source.slice(node.start, node.end).replace(/\s+/g, ' ')
  return [
    ...[...before].map(([node, names]) => `${names.join(' ')}: ${text(node)}`),
    ...[...atEnd].map(
      ([node, names]) => `${names.join(' ')}: end of ${text(node).replace(/ \/\*.*?\*\/| \/\/ frontrun: a/g, '')}`,
    ),
  ]
}

const inFunction: [place: string, source: string, ...gates: string[]][] = [
  ['a line of its own', '// frontrun: a\nx()\ny()', 'a: x()'],
  ['the end of a line', 'x() // frontrun: a\ny()', 'a: x()'],
  ['the end of a line without a space', 'x() //frontrun:a\ny()', 'a: x()'],
  ['words after the name', 'x() // frontrun: a (the first read)', 'a: x()'],
  ['a block comment of its own', '/* frontrun: a */\nx()', 'a: x()'],
  ['a JSDoc comment', '/** frontrun: a */\nx()', 'a: x()'],
  ['a JSDoc comment over lines', '/**\n * frontrun: a\n */\nx()', 'a: x()'],
  ['a block comment before code', 'x(); /* frontrun: a */ y()', 'a: y()'],
  ['a block comment between code and the end of the line', 'x() /* frontrun: a */\ny()', 'a: x()'],
  ['several statements on the line', 'x(); y() // frontrun: a', 'a: x();'],
  ['two markers of their own', '// frontrun: a\n// frontrun: b\nx()', 'a b: x()'],
  ['a blank line and a comment between', '// frontrun: a\n\n// note\nx()', 'a: x()'],
  ['before and after a statement', '// frontrun: a\nx() // frontrun: b', 'a b: x()'],
  ['a declaration', 'const v = x() // frontrun: a', 'a: const v = x()'],
  ['return', 'return x() // frontrun: a', 'a: return x()'],
  [
    'a loop, from its line',
    'for (const v of x) { // frontrun: a\ny() }',
    'a: for (const v of x) { // frontrun: a y() }',
  ],
  ['the body of a loop, before the code', 'for (;;) { /* frontrun: a */ y() }', 'a: y()'],
  ['the body of a loop, a line of its own', 'while (x()) {\n// frontrun: a\ny()\n}', 'a: y()'],
  ['the body of a loop without braces', 'while (x())\n// frontrun: a\ny()', 'a: y()'],
  ['a loop on one line, with braces', 'while (x()) { y(); z() } // frontrun: a', 'a: y();'],
  ['a loop on one line, without braces', 'for (const v of x) y(v) // frontrun: a', 'a: y(v)'],
  [
    'for, with the comment in its head',
    'for (let i = 0 /* frontrun: a */; ; ) y()',
    'a: for (let i = 0 /* frontrun: a */; ; ) y()',
  ],
  ['a labelled loop', 'out: for (;;) break out // frontrun: a', 'a: out: for (;;) break out'],
  ['after a label', 'out: /* frontrun: a */ for (;;) break out', 'a: out: /* frontrun: a */ for (;;) break out'],
  ['if', 'if (x()) { // frontrun: a\ny() }', 'a: if (x()) { // frontrun: a y() }'],
  ['else', 'if (x()) { y() } else { // frontrun: a\nz() }', 'a: if (x()) { y() } else { // frontrun: a z() }'],
  ['else on a line of its own', 'if (x()) {\ny()\n} else { // frontrun: a\nz() }', 'a: z()'],
  ['before else', 'if (x()) {\ny()\n}\n// frontrun: a\nelse z()', 'a: z()'],
  ['before catch', 'try {\nx()\n}\n// frontrun: a\ncatch { y() }', 'a: y()'],
  ['catch', 'try {\nx()\n} catch { // frontrun: a\ny()\n}', 'a: y()'],
  ['finally, empty', 'try {\nx()\n}\n// frontrun: a\nfinally {}', 'a: end of {}'],
  ['a case, from its line', 'switch (x) {\ncase 1: // frontrun: a\ny()\n}', 'a: y()'],
  ['a case with its statement', 'switch (x) {\ncase 1: y() // frontrun: a\n}', 'a: y()'],
  ['before a case', 'switch (x) {\n// frontrun: a\ncase 1: y(); z()\n}', 'a: y();'],
  ['before a case that falls through', 'switch (x) {\n// frontrun: a\ncase 1:\ncase 2: y()\n}', 'a: end of case 1:'],
  ['after the last case', 'switch (x) {\ncase 1: y()\n// frontrun: a\n}', 'a: end of case 1: y()'],
  ['the end of a block', 'if (v) {\nx()\n// frontrun: a\n}\ny()', 'a: end of { x() }'],
  ['the end of the function', 'x()\n// frontrun: a', 'a: end of { x() }'],
  ['after a closing brace', 'if (v) {\nx()\n} // frontrun: a\ny()', 'a: y()'],
  ['the last line of a statement', 'x(\n1,\n) // frontrun: a\ny()', 'a: x( 1, )'],
  ['the first line of a statement', 'x( // frontrun: a\n1,\n)\ny()', 'a: x( // frontrun: a 1, )'],
  ['the middle of an expression', 'x(\n1, // frontrun: a\n2)\ny()', 'a: x( 1, // frontrun: a 2)'],
  ['a line of its own in an expression', 'v\n// frontrun: a\n.x()\ny()', 'a: v // frontrun: a .x()'],
  ['before an argument', 'x(/* frontrun: a */ y())', 'a: x(/* frontrun: a */ y())'],
  ['an object literal', 'x({\n// frontrun: a\nv: y(),\n})', 'a: x({ // frontrun: a v: y(), })'],
  ['a function in an object literal', 'x({\n// frontrun: a\nv: () => y(),\n})', 'a: y()'],
  ['before a callback', 'x(\n// frontrun: a\nv => { y(v) },\n)', 'a: y(v)'],
  ['the line that opens a callback', 'x(v => { // frontrun: a\ny(v)\n})', 'a: y(v)'],
  ['an arrow with an expression, at its line', 'const f = v => v.x // frontrun: a', 'a: v.x'],
  ['an arrow among arguments, at its line', 'x(\nv => v.x, // frontrun: a\n)', 'a: v.x'],
  ['an arrow, before its body', 'x(v => /* frontrun: a */ v.x)', 'a: v.x'],
  ['a declared function', '// frontrun: a\nfunction f() { x() }', 'a: x()'],
  ['a nested function first', 'const f = () => { // frontrun: a\nfunction g() { x() }\ny() }', 'a: y()'],
  ['an empty function', 'const f = () => { /* frontrun: a */ }', 'a: end of { }'],
]

test.each(inFunction)('in a function: %s', (_, source, ...gates) => {
  expect(gated(`async function main() {\n${source}\n}`, 'file.js')).toEqual(gates)
})

test.each<[place: string, source: string, gate: string]>([
  ['a method, before it', 'class A {\n// frontrun: a\nasync m() { x() }\n}', 'a: x()'],
  ['a method, from its line', 'class A {\nm() { // frontrun: a\nx()\n}\n}', 'a: x()'],
  ['a method on one line', 'class A {\nm() { x() } // frontrun: a\n}', 'a: x()'],
  ['an arrow in a field', 'class A {\nm = () => this.v // frontrun: a\n}', 'a: this.v'],
  ['an accessor', 'class A {\nget m() { return this.v } // frontrun: a\n}', 'a: return this.v'],
  [
    'an exported arrow',
    '// frontrun: a\nexport const f = async (v: number): Promise<void> => { x(v as never) }',
    'a: x(v as never)',
  ],
  ['an exported function', 'export default async function f<T>(v: T) { // frontrun: a\nx(v)\n}', 'a: x(v)'],
  ['an assignment of a function', 'exports.f = function () { // frontrun: a\nx()\n}', 'a: x()'],
])('%s', (_, source, gate) => {
  expect(gated(source, 'file.ts')).toEqual([gate])
})

test.each<[place: string, source: string, gate: string]>([
  [
    'alone',
    'function V() {\nreturn <ul>\n{/* frontrun: a */}\n<li/>\n</ul>\n}',
    'a: return <ul> {/* frontrun: a */} <li/> </ul>',
  ],
  [
    'before an element',
    'function V() {\nconst v = <ul>{/* frontrun: a */}<li/></ul>\nreturn v\n}',
    'a: const v = <ul>{/* frontrun: a */}<li/></ul>',
  ],
  ['in a callback', 'const V = () => <ul>{xs.map(x => {\n// frontrun: a\nreturn <li/>\n})}</ul>', 'a: return <li/>'],
])('in JSX: %s', (_, source, gate) => {
  expect(gated(source, 'file.tsx')).toEqual([gate])
})

test('text that only looks like a marker is none', () => {
  expect(gated('f("// frontrun: a"); f(`/* frontrun: b */`) // see frontrun: c', 'file.js')).toEqual([])
})
