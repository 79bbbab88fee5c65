import { parseSync } from 'oxc-parser'
import { transformSync } from 'oxc-transform'
import { describe, expect, test } from 'vitest'
import { type InstrumentOptions, instrument } from '../../src/transform/index.js'
import { createMiniRuntime, installMiniRuntime } from './mini-runtime.js'
import { runCode } from './run-program.js'

/** TypeScript: run with its types stripped, instrumented or not. */
const typescript = [
  'enum E{A,B="b"}namespace N{export const x=1;let y=0;export function f(){y++;return x+y+E.A}}const v=N.f() as number;const w=v!;const y=<any>w;const z=(y satisfies any);return [v,w,y,z,E.B]',
  'class A<T>{constructor(private readonly a:T,public b?:number,protected c=3){}get v():T{return this.a}m<U>(this:A<T>,u:U,...r:any[]):[T,U]{return [this.a,u]}}const a=new A<number>(1,2);return [a.v,a.m<string>("x"),a.b]',
  'interface I{a:string\nb:number}type T={x:1};abstract class B{abstract m():number;abstract x:number;declare d:string;e!:number;[k:string]:any;n(){return this.m()}}class C extends B implements I{a="1";b=2;x=1;m(){return 4}}return [new C().n(),Object.keys(new C())]',
  'function f(a:string):string;function f(a:number):number;function f(a:any):any{return a}const g=(a?:number,...b:string[]):number=>(a as number)??b.length;return [f(1),g(),g(undefined,"x")]',
  'function assert(x:unknown):asserts x{if(!x)throw 1}function is(x:any):x is string{return typeof x==="string"}assert(1);const o:{a?:{b:()=>number}}={a:{b:()=>1}};return [is("x"),o.a!.b(),o?.a!.b(),(o.a as any).b(),(<any>o).a.b()]',
  'let n:number|undefined=1;const set=(v:number)=>{n=v};set(2);(n as any)=3;(n!)++;const [x,y=2]:number[]=[1];const {p}:{p:number}={p:4};for(const k of [1] as const){n+=k}try{throw 1}catch(e:unknown){log(e)}return [n,x,y,p]',
  'const o={async m<T>(x:T):Promise<T>{return x}};return [await o.m<number>(1)]',
  'declare const q:number;declare function r():void;let u:typeof import("fs");const s=Symbol() as unique symbol;class A{declare x:number;static y:number=1;readonly z=2 as const}return [A.y,new A().z,"x" in new A()]',
]

describe('TypeScript does the same in every form', () => {
  test.each(typescript)('%s', async body => {
    const source = `module.exports=async function main(){const log=(_:unknown)=>{};${body}}`
    const top = /namespace|enum/.test(body) ? body.replace(/return (\[.*\])$/, 'module.exports=async()=>($1)') : source
    const strip = (code: string) => transformSync('a.ts', code, { lang: 'ts', sourceType: 'script' }).code
    const native = await runCode(strip(top), 'native', createMiniRuntime())
    for (const form of ['written', 'coroutine', 'threads'] as const)
      for (const options of [{}, { keepTypes: false }]) {
        const runtime = createMiniRuntime()
        installMiniRuntime(runtime)
        const { code } = instrument(top, 'a.ts', { format: 'commonjs', ...options })
        expect((await runCode(strip(code), form, runtime)).log, form).toBe(native.log)
      }
  })
})

const parses: [string, string, string, InstrumentOptions?][] = [
  [
    'decorators',
    'a.ts',
    '@d({f:()=>1}) export class A{@p() x=1;@m @n("q") m(@i() a:number,b=g()){return a}constructor(@i() private s:string){}}',
  ],
  ['decorated default export', 'a.ts', '@d export default class A{@p accessor x=()=>1}'],
  ['decorator after export', 'a.ts', 'export @d(()=>1) class A{}'],
  [
    'classes with decorators in functions',
    'a.ts',
    'function f(){@d(()=>1) class A{@p x:number=1;@m() m(@i() a:string){}}return A}',
  ],
  [
    'JSX',
    'a.jsx',
    'const C=({a,b=g(),...p})=><div {...p} a="x\ny" b={a.b.c} key={a?.b}>text {a.map(x=><i key={x}>{x.y}</i>)}<></><A.B/>{/* c */}{...b}\n  more\n</div>',
  ],
  ['TSX', 'a.tsx', 'export const C:FC<P>=<T,>({a}:{a:T})=><Gen<string> x={(a as any).b}>{a!}</Gen>'],
  [
    'import and export forms',
    'a.ts',
    "import d,{type T,x as y}from'z';import type{Q}from'q';import*as n from'n';import j from'./j.json'with{type:'json'};export{y,d as e};export*from'w';export type{T};export const q=()=>n.a;export default y;",
  ],
  ['import assignment', 'a.cts', 'import fs = require("fs");export = function(){return fs.x}'],
  ['default exports', 'a.js', 'export default function(a=g()){return a.b}'],
  ['default arrow', 'a.js', 'export default async()=>{await x.y}'],
  ['hashbang and directives', 'a.cjs', '#!/usr/bin/env node\n"use strict"\n"other"\nfoo(()=>1)'],
  ['hashbang in a module', 'a.mjs', '#!/usr/bin/env node\nimport"x"\nfoo(()=>1)'],
  ['top-level await', 'a.mjs', 'const x=await f(async()=>{await g()});for await(const y of x)h(y)'],
  ['using', 'a.ts', 'function f(){using x=g();return x.y}async function h(){await using y=g()}'],
  [
    'comments everywhere',
    'a.js',
    'function f(/*a*/a/*b*/,/*c*/b=/*d*/1)/*e*/{// g\nreturn/*h*/a.b/*i*/+// j\n/*k*/b// l\n}',
  ],
  ['names that are taken', 'a.js', 'const $fr=1,$at=2,$1=3,$v1=4;const f=($p0=$1.a,$args)=>$p0.b'],
  ['regular expressions and divisions', 'a.js', 'const f=(a,g,i)=>a.b/g.c/i.d+/x\\/[/]/g.source.length'],
  ['HTML-like comments', 'a.cjs', 'var f=function(a){while(a --> 0){}\nreturn a}'],
  [
    'import expressions',
    'a.js',
    'export const f=async()=>{const m=await import("./x.js");return [m.default.y,import.meta.url]}',
  ],
  ['literal require', 'a.cjs', 'const f=()=>require("fs").readFileSync("x")'],
]

test.each(parses)('%s stay valid', (_name, id, source, options) => {
  const { code } = instrument(source, id, options)
  expect(code).toContain('frontrun.runtime')
  const sourceType = /\.c[jt]s$/.test(id) ? 'commonjs' : 'module'
  expect(parseSync(id, code, { sourceType }).errors).toEqual([])
  expect(instrument(code, id, options).code).toBe(code)
})

test('a text that does not parse is returned as it is', () => {
  const { code, native } = instrument('let let = 1 +', 'a.js')
  expect(code).toBe('let let = 1 +')
  expect(native[0]?.reason).toBeTruthy()
})

test('strings that TypeScript takes for types survive', () => {
  expect(instrument('const f=()=>1', 'a.ts', { keepTypes: false }).code).toMatch(/"\$fr";\s*\}/)
})

test('the prelude loads the runtime if asked to', () => {
  expect(instrument('export const a=1', 'a.mjs', { runtime: 'x/y' }).code).toMatch(/^import "x\/y";/)
  expect(instrument('"use strict";1', 'a.cjs', { runtime: 'x/y' }).code).toMatch(/^"use strict";;require\("x\/y"\);/)
})

test('sites lead to the original and name their function', () => {
  let file: any
  const keep = (tables: unknown) => {
    file = tables
    return 0
  }
  installMiniRuntime({ ...createMiniRuntime(), file: keep })
  const { code } = instrument(
    'let n = 0\nmodule.exports = class Account {\n  deposit(o) { n++; return o.save(1) }\n}',
    'a.cjs',
  )
  new Function('module', code)({})
  expect(file.functions).toContain('Account.deposit')
  const call = Object.entries(file.texts).find(([, text]) => text === 'o.save')?.[0]
  const [line, column, owner] = file.sites.slice(Number(call) * 3)
  expect([line, column, file.functions[owner]]).toEqual([3, 30, 'Account.deposit'])
  expect(file.roots()).toEqual({ n: 0 })
})

test('a circular import may call a function before the module is evaluated', async () => {
  installMiniRuntime(createMiniRuntime())
  const { code } = instrument(
    'export function f(){let n=0;const g=()=>n++;g();return n}export function*h(){yield f.length}',
    'a.mjs',
  )
  const late = code.replace(/^/, 'const early=[f(),...h()];export{early};')
  const { early } = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(late)}`)
  expect(early).toEqual([1, 0])
})
