import { inspect } from 'node:util'
import { type InstrumentOptions, instrument } from '../../src/transform/index.js'
import { createMiniRuntime, installMiniRuntime, type MiniRuntime } from './mini-runtime.js'

/** How a program is run: as it is, or instrumented with no exploration, with one, with one that asks before each access. */
export type Form = 'native' | 'written' | 'coroutine' | 'threads'

export interface Outcome {
  log: string
  accesses: string[]
}

type Log = (...values: unknown[]) => void
type Program = (log: Log, module: { exports: unknown }) => unknown

const print = (value: unknown) => inspect(value, { depth: 6, breakLength: Infinity })

function describeError(error: unknown): string {
  return error instanceof Error ? `throws ${error.constructor.name}` : `throws ${print(error)}`
}

/** Runs the body of a function, `main`, and gives all it logs, returns or throws. */
export async function runProgram(
  body: string,
  form: Form,
  options: InstrumentOptions & { main?: string } = {},
): Promise<Outcome> {
  const runtime = createMiniRuntime()
  installMiniRuntime(runtime)
  const source = `${options.main ?? 'module.exports=function main(){'}${body}\n}`
  const code = form === 'native' ? source : instrument(source, 'program.js', { format: 'commonjs', ...options }).code
  return runCode(code, form, runtime)
}

export async function runCode(code: string, form: Form, runtime: MiniRuntime): Promise<Outcome> {
  const lines: string[] = []
  const log: Log = (...values) => {
    lines.push(values.map(print).join(' '))
  }
  const module: { exports: unknown } = { exports: undefined }
  try {
    ;(new Function('log', 'module', code) as Program)(log, module)
    runtime.on = form === 'coroutine' || form === 'threads'
    runtime.threads = form === 'threads'
    log('result', await (module.exports as () => unknown)())
  } catch (error) {
    lines.push(describeError(error))
  }
  runtime.on = false
  return { log: lines.join('\n'), accesses: runtime.accesses }
}
