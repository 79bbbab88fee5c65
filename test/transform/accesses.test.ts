import { expect, test } from 'vitest'
import { runProgram } from './run-program.js'

/** What a program's coroutine records, in order. */
const recorded: [string, string, string[]][] = [
  ['a read', 'const o={a:1};return o.a', ['read a']],
  ['a write', 'const o={};o.a=1', ['write a']],
  [
    'a compound assignment reads, then writes',
    'const o={a:1};o.a+=1;o.a++;--o.a',
    ['read a', 'write a', 'read a', 'write a', 'read a', 'write a'],
  ],
  ['a logical assignment writes only if it must', 'const o={a:1,b:0};o.a||=2;o.b||=2', ['read a', 'read b', 'write b']],
  ['the value is computed before the write is recorded', 'const o={},p={q:1};o.a=p.q', ['read q', 'write a']],
  ['computed keys', 'const o={a:1},k="a";o[k]=o[k]+o["a"]', ['read a', 'read a', 'write a']],
  ['delete and in', 'const o={a:1};"a" in o;delete o.a', ['has a', 'remove a']],
  ['a method call', 'const o={m(){return this.v},v:1};o.m()', ['method m', 'read v']],
  ['an optional chain that stops', 'const o={a:null};o?.a?.b', ['read a']],
  ['private names', 'class A{#p=1;m(){return this.#p++}}new A().m()', ['method m', 'read .#p', 'write .#p']],
  [
    'a captured variable that is assigned',
    'let n=0;const f=()=>{n+=1};f();return n',
    ['readVar n', 'writeVar n', 'readVar n'],
  ],
  ['a captured variable that never changes is no location', 'const n=1;let m=2;const f=()=>n+m;return f()', []],
  [
    'a loop variable that only the head changes is no location',
    'const fs=[];for(let i=0;i<2;i++)fs[i]=()=>i;return fs[0]()',
    ['write 0', 'write 1', 'read 0', 'method 0'].filter(kind => kind !== 'read 0'),
  ],
  ['object destructuring', 'const {a,b:{c}={c:1},...r}={a:1,d:2}', ['read a', 'read b', 'read c', 'rest']],
  ['destructuring assignment', 'const o={};({a:o.x}={a:1})', ['read a', 'write x']],
  ['a swap', 'const a=[1,2];[a[0],a[1]]=[a[1],a[0]]', ['read 1', 'read 0', 'iterate', 'write 0', 'write 1']],
  ['for…of', 'for(const x of [1,2]);', ['iterate']],
  ['for…in', 'for(const k in {a:1});', ['keys']],
  ['spread', 'const a=[1];[...a];({...a});Math.max(...a)', ['spread', 'spreadObject', 'method max', 'spread']],
  [
    'a constructor records like a function',
    'class A{constructor(o){this.x=o.y;this.x++}}new A({y:1})',
    ['read y', 'write x', 'read x', 'write x'],
  ],
  [
    'a derived constructor records its super in place, the rest like a function',
    'class A{}class B extends A{constructor(o){super(o.z);this.x=o.y}}new B({y:1})',
    ['read z', 'read y', 'write x'],
  ],
  [
    'a constructor that does something before super records in place',
    'class A{}class B extends A{constructor(o){o.z;super();this.x=o.y}}new B({y:1})',
    ['read z', 'write x', 'read y'],
  ],
  ['a generator records in place', 'function*g(o){yield o.a}for(const x of g({a:1}));', ['iterate', 'read a']],
  ['a field initialiser records in place', 'const o={a:{b:1}};class A{f=o.a.b}new A', ['read a', 'read b']],
  ['default parameters', 'const o={a:1};function f(x=o.a){return x}f()', ['read a']],
]

test.each(recorded)('%s: %s', async (_name, body, expected) => {
  const { accesses } = await runProgram(body, 'coroutine')
  expect(accesses).toEqual(expected)
})

test('nothing is recorded while no exploration runs', async () => {
  const { accesses } = await runProgram('class A{x=1;m(){this.x++}}new A().m()', 'written')
  expect(accesses).toEqual([])
})

test('the same is recorded when every access asks first', async () => {
  for (const [, body, expected] of recorded) {
    const { accesses } = await runProgram(body, 'threads')
    expect(accesses.filter(each => each !== 'turn')).toEqual(expected)
  }
})
