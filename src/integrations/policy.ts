/** Which files get instrumented: pure functions that every adapter (Node hooks, CommonJS, Vite, Jest) shares. */

export interface InstrumentationPolicy {
  /** Names or globs of packages treated as the project's own code. */
  tracePackages: readonly string[]
  /** If given, only these of the project's own files: globs or regular expressions of the path. */
  include?: readonly (string | RegExp)[]
  /** Files to leave alone, of the project's own and of traced packages alike. */
  exclude?: readonly (string | RegExp)[]
}

/**
 * Never instrumented, even when `*` is traced: frontrun itself, test frameworks, what compiles or runs the code.
 * Their promises and timers decide when a test starts and ends, which is not what is explored.
 */
const neverTraced = [
  'frontrun',
  ...['vitest', '@vitest/*', 'vite', 'vite-*', '@vitejs/*', 'rolldown', '@rolldown/*', 'rollup', '@rollup/*'],
  ...[
    'jest',
    'jest-*',
    '@jest/*',
    'expect',
    'babel-*',
    '@babel/*',
    'ts-jest',
    'ts-node',
    'tsx',
    'esbuild',
    '@esbuild/*',
  ],
  ...[
    '@swc/*',
    'oxc-*',
    '@oxc-*/*',
    'typescript',
    '@jridgewell/*',
    'magic-string',
    'mocha',
    'chai',
    'ava',
    'tap',
    'uvu',
  ],
  ...['fast-check', 'tinypool', 'tinyspy', 'tinyrainbow', 'playwright', 'playwright-*', '@playwright/*'],
  ...['npm', 'npx', 'pnpm', 'yarn', 'corepack'],
]

/** Package managers that live outside of any `node_modules` folder, and what Linux distributions install. */
const toolFolders = [
  /\/(?:\.yarn\/(?:releases|plugins|sdks)|corepack)\/|\/\.pnp\.(?:c?js|loader\.mjs)$/,
  /^\/usr\/(?:local\/)?share\/(?:nodejs|node|npm|yarn)\//,
]

const sourceFile = /\.(?:[cm]?[jt]s|[jt]sx)$/
const declarationFile = /\.d\.(?:[^./]+\.)?[cm]?ts$/

/** `a/b\c?x#y` as `a/b/c`: query and hash belong to bundlers, not to the file. */
export function normalizePath(path: string): string {
  return path.replace(/[?#].*$/, '').replaceAll('\\', '/')
}

/** Whether the extension is one of a JavaScript or TypeScript source file. */
export function isSourceFile(path: string): boolean {
  const file = normalizePath(path)
  return sourceFile.test(file) && !declarationFile.test(file)
}

/**
 * The package a file belongs to, from the path's last `node_modules` segment: `@scope/name` or `name`; undefined for a
 * file outside `node_modules`. A linked or workspace package is reached by its real path, so it is the project's own.
 */
export function packageOfPath(path: string): string | undefined {
  const file = normalizePath(path)
  const start = file.lastIndexOf('/node_modules/')
  if (start < 0) return undefined
  const [scope, name] = file.slice(start + '/node_modules/'.length).split('/')
  return scope.startsWith('@') && name !== undefined ? `${scope}/${name}` : scope
}

/** Whether a package's name is among names or globs, in which `*` stands for any characters. */
export function matchesPackage(name: string, patterns: readonly string[]): boolean {
  return patterns.some(pattern => pattern === name || packageGlob(pattern).test(name))
}

function packageGlob(pattern: string): RegExp {
  return new RegExp(`^${pattern.split('*').map(escapeRegExp).join('.*')}$`)
}

/** Whether the file at this absolute path is to be instrumented. */
export function shouldInstrument(path: string, policy: InstrumentationPolicy): boolean {
  const file = normalizePath(path)
  if (isOwnFile(file) || declarationFile.test(file) || toolFolders.some(folder => folder.test(file))) return false
  if (policy.exclude !== undefined && matchesPath(file, policy.exclude)) return false
  const name = packageOfPath(file)
  if (name === undefined) return policy.include === undefined || matchesPath(file, policy.include)
  return matchesPackage(name, policy.tracePackages) && !matchesPackage(name, neverTraced)
}

/** The folder of this build of frontrun (`dist`, or `src` when run from source), with a slash at its end. */
export const ownFolder = normalizePath(decodeURIComponent(new URL('..', import.meta.url).pathname)).replace(
  /^\/(\w:)/,
  '$1',
)

function isOwnFile(file: string): boolean {
  return file.startsWith(ownFolder)
}

function matchesPath(file: string, patterns: readonly (string | RegExp)[]): boolean {
  return patterns.some(pattern => (typeof pattern === 'string' ? pathGlob(pattern).test(file) : pattern.test(file)))
}

/** `**` any folders, `*` and `?` inside one, `{a,b}` alternatives. A relative glob may begin at any folder. */
function pathGlob(glob: string): RegExp {
  const body = normalizePath(glob.replaceAll('?', '\0'))
    .replace(/^\.\//, '')
    .split(/(\*\*\/|\*\*|\*|\0|\{[^{}]*\})/)
    .map(part => {
      if (part === '**/') return '(?:.*/)?'
      if (part === '**') return '.*'
      if (part === '*') return '[^/]*'
      if (part === '\0') return '[^/]'
      if (part.startsWith('{')) return `(?:${part.slice(1, -1).split(',').map(escapeRegExp).join('|')})`
      return escapeRegExp(part)
    })
    .join('')
  return new RegExp(/^(?:\/|\w:)/.test(glob) ? `^${body}$` : `(?:^|/)${body}$`)
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}

/** `'a, b*'` as `['a', 'b*']`. */
export function parsePackageList(text: string | undefined): string[] {
  return (text ?? '').split(',').flatMap(name => name.trim() || [])
}

/** The policy that `FRONTRUN_TRACE_PACKAGES` asks for: how the command line's choice reaches every process. */
export function policyFromEnvironment(env: NodeJS.ProcessEnv = process.env): InstrumentationPolicy {
  return { tracePackages: parsePackageList(env.FRONTRUN_TRACE_PACKAGES) }
}

/**
 * Those of `wanted` (an exploration's `tracePackages`) that this process does not instrument. A name is covered by
 * itself or by a glob that matches it, a glob only by itself or `*`.
 */
export function missingTracePackages(
  wanted: readonly string[],
  policy: InstrumentationPolicy = policyFromEnvironment(),
): string[] {
  return wanted.filter(name =>
    name.includes('*')
      ? !policy.tracePackages.some(pattern => pattern === name || pattern === '*')
      : !matchesPackage(name, policy.tracePackages),
  )
}
