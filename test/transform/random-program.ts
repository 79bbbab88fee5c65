/** Random programs: bodies of a function that always end. `log(n, value)` shows the values of expressions in the order they are computed. */
export function randomProgram(seed: number, isAsync: boolean): string {
  let state = seed * 2654435761 + 1
  const random = (below: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
    return ((state ^ (state >>> 13)) >>> 0) % below
  }
  const pick = <T>(...choices: T[]): T => choices[random(choices.length)]
  let labels = 0
  let notes = 0
  let names = 0
  const variables = ['a', 'b', 'c']
  const variable = () => pick(...variables)
  const member = (depth: number): string =>
    pick(
      () => `o.${pick('p', 'q')}`,
      () => `o[${expression(depth - 1)}]`,
      () => `o.r.${pick('p', 'q')}`,
      () => `list[${random(3)}]`,
      () => `o?.[${pick('"p"', '`q`')}]`,
    )()
  const target = (depth: number): string => {
    const found = pick(variable, () => member(depth))()
    return found.includes('?.') ? 'o.p' : found
  }
  const pattern = (depth: number): string =>
    pick(
      () => `[${target(depth)},${target(depth)}=${expression(depth - 1)}]`,
      () => `{p:${target(depth)},q:${target(depth)}=${expression(depth - 1)}}`,
      () => `[...${pick('list', 'o.s')}]`,
      () => `[,{p:${target(depth)}}={p:${expression(depth - 1)}}]`,
    )()

  function expression(depth: number): string {
    if (depth <= 0)
      return pick(
        variable,
        () => String(random(5)),
        () => 'o.p',
        () => `"${pick('p', 'q')}"`,
      )()
    const inner = () => expression(depth - 1)
    return pick<() => string>(
      () => `(${inner()}${pick('+', '-', '*', '<', '===', '&&', '||', '??', ',', '|')}(${inner()}))`,
      () => `note(${++notes},${inner()})`,
      () => `(${target(depth)}${pick('=', '+=', '-=', '||=', '&&=', '??=')}${inner()})`,
      () =>
        `(${pick(
          () => target(depth) + pick('++', '--'),
          () => pick('++', '--') + target(depth),
        )()})`,
      () => member(depth),
      () => `f(${inner()},${inner()})`,
      () => `o.m(${inner()})`,
      () => `o?.n?.(${inner()})`,
      () => `(x=>x${pick('+', '-')}${variable()})(${inner()})`,
      () => `(${inner()}?${inner()}:${inner()})`,
      () => `[${inner()},...[${inner()}]][${random(2)}]`,
      () => `({p:${inner()},...{q:${inner()}}}).${pick('p', 'q')}`,
      () => `(${pattern(depth)}=${pick('o', 'list', '[1,2,3]', '[{p:1},{p:2}]')},1)`,
      () => `\`\${${inner()}}\``,
      () => `(typeof ${inner()})`,
      () => `("p" in o?${inner()}:0)`,
      () => (isAsync ? `(await ${inner()})` : `new K(${inner()}).v`),
      () => (isAsync ? `(await g(${inner()}))` : `K.s(${inner()})`),
    )()
  }

  function block(depth: number, loop: string): string {
    return `{${Array.from({ length: 1 + random(3) }, () => statement(depth - 1, loop)).join('')}}`
  }

  function statement(depth: number, loop: string): string {
    if (depth <= 0) return `${expression(2)};`
    const label = `l${++labels}`
    const bound = `x${++names}`
    return pick<() => string>(
      () => `${expression(3)};`,
      () => `if(${expression(2)})${block(depth, loop)}else{${statement(depth - 1, loop)}}`,
      () =>
        `${label}:for(const ${bound} of ${pick('list.slice()', '"ab"', 'new Set([1,2])', 'it(3)')}){${variable()}=${bound};${block(depth, label)}}`,
      () =>
        `${label}:for(let ${bound}=0;${bound}<3;${bound}++){fs.push(()=>${bound}+${variable()});${block(depth, label)}}`,
      () => `for(const ${bound} in {p:1,q:2}){note(${++notes},${bound});${block(depth, '')}}`,
      () =>
        `try{${block(depth, loop)}${random(3) ? '' : 'throw o;'}}catch({p}){note(${++notes},p);}finally${block(depth - 1, loop)}`,
      () =>
        `switch(${expression(1)}){case ${expression(1)}:${statement(depth - 1, loop)}break;default:${statement(depth - 1, loop)}}`,
      () => (loop ? `if(${expression(1)})${pick('break', 'continue')} ${loop};` : ''),
      () =>
        `{let ${bound}=${expression(2)};fs.push(()=>${bound}++);${bound}=${expression(1)};note(${++notes},${bound});}`,
      () =>
        `const {p:${bound}=${expression(1)},...${bound}r}=${pick('o', '{p:1,z:2}')};note(${++notes},[${bound},${bound}r.z]);`,
      () =>
        `const [${bound},${bound}y=${expression(1)}]=${pick('it(2)', 'list')};note(${++notes},[${bound},${bound}y]);`,
      () => (random(4) ? `note(${++notes},fs.pop()?.());` : `return ${expression(2)};`),
      () =>
        isAsync
          ? `for await(const ${bound} of ${pick('it(2)', '[1,g(2)]')}){note(${++notes},${bound});${pick('break;', '', 'continue;')}}`
          : '',
    )()
  }

  const body = Array.from({ length: 4 + random(4) }, () => statement(3, '')).join('\n')
  return `let turns=0,fs=[];const note=(n,v)=>{if(++turns>300)throw new Error("enough");log(n,typeof v==="object"?"object":v);return v};
let a=1,b=2;var c=3;let list=[1,2,3];
const o={p:1,q:2,r:{p:3,q:4},s:[1],m(v){this.p=v;return this.q},get t(){return this.p},n:v=>{c+=1;return v}};
function f(x,y=x,...z){a=x;return y}
class K{v=1;static w=0;constructor(v){this.v+=v;K.w++}static s(v){return K.w+v}}
${isAsync ? 'const g=async v=>{await null;b++;return v};' : ''}
const it=n=>({[Symbol.iterator]:()=>({next:()=>({done:n--<=0,value:{p:n}}),return(){note("return",n);return {}}})});
${body}
note("end",[a,b,c].map(String).join());return JSON.stringify(o)`
}
