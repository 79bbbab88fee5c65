import { type File, valuesOf } from './file.js'
import { renderLive } from './live-bindings.js'
import { plainText } from './plain-text.js'

const INSTRUMENTED = /[\w$]fr ?= ?globalThis\[Symbol\.for\(["']frontrun\.runtime["']\)\]/

/** Whether the text has been through `instrument` already. */
export function isInstrumented(source: string): boolean {
  return source.includes('frontrun.runtime') && INSTRUMENTED.test(source)
}

/** What may make a getter, a setter or a proxy. Comments match too, which only takes time. */
const ACCESSORS = /(?<!\.)\b(?:get|set|accessor)(?:\s+[\w$#["']|\s*[(:])|\bProxy\b|\b__define[GS]etter__\b/

/** Where the first line's code goes, after a hashbang and the directives. */
export function preludeOffset(file: File): number {
  const { program } = file.parsed
  let offset = 0
  if (program.hashbang) {
    const end = file.source.slice(program.hashbang.start).search(/[\n\r\u2028\u2029]/)
    offset = end < 0 ? file.source.length : program.hashbang.start + end + 1
  }
  for (const statement of program.body) {
    if (!statement.directive) break
    offset = statement.end
  }
  return offset
}

/** The code that ties the file to the runtime and names its sites, functions and state. */
export function renderPrelude(file: File, id: string, runtime: string | undefined): string {
  const { names, parsed, scopes } = file
  const load =
    runtime === undefined
      ? ''
      : parsed.module
        ? `import ${JSON.stringify(runtime)};`
        : `require(${JSON.stringify(runtime)});`
  const found = 'globalThis[Symbol.for("frontrun.runtime")]'
  const texts = Object.fromEntries(file.texts)
  const tables =
    `{id:${JSON.stringify(id)},${renderMarkers(file)}${renderLive(file)}${ACCESSORS.test(file.source) ? 'accessors:true,' : ''}functions:${JSON.stringify(file.functions)},sites:${JSON.stringify(file.sites)},` +
    `texts:${JSON.stringify(texts)},roots:${renderRoots(file)}${renderText(file)}}`
  const registered = `${names.runtime}.file(${tables})`
  const moduleScopes: string[] = []
  for (const scope of [scopes.global, scopes.module])
    if (scope.id) {
      const name = scope === scopes.global ? '<global>' : '<module>'
      const values = scope === scopes.global ? '' : `,${valuesOf(scope, names.prefix)}`
      moduleScopes.push(`const ${file.scopeName(scope)}=${names.runtime}.scope(${JSON.stringify(name)}${values});`)
    }
  const start =
    file.hoisted.size === 0
      ? `const ${names.runtime}=${found},${names.at}=${registered};`
      : // A circular import may call a function declaration of this module before this line has run.
        `var ${names.at};function ${names.runtime}(){}function ${names.init}(){${names.runtime}=${found};${names.at}=${registered}}${file.lateInit}`
  return load + start + moduleScopes.join('')
}

/** Read by the engine only when somebody asks for a function's text. */
function renderText(file: File): string {
  if (file.heads.size === 0) return ''
  const { text, spans } = plainText(file)
  // Tools look for the name of a source map anywhere in a file, the last one counts.
  const literal = JSON.stringify(text).replaceAll('# source', '\\u0023 source')
  return `,spans:${JSON.stringify(spans)},text:()=>${literal}`
}

function renderRoots(file: File): string {
  const { names, scopes } = file
  const roots: string[] = []
  const object = `${names.prefix}g`
  for (const binding of scopes.module.names.values()) {
    if (binding.kind === 'import' || binding.kind === 'annexB') continue
    const key = binding.name === '__proto__' ? '["__proto__"]' : `.${binding.name}`
    roots.push(`try{${object}${key}=${binding.name}}catch{}`)
  }
  return roots.length ? `()=>{const ${object}={};${roots.join('')}return ${object}}` : '()=>({})'
}

function renderMarkers({ markers }: File): string {
  return Object.keys(markers.lines).length === 0 ? '' : `markers:${JSON.stringify(markers.lines)},`
}
