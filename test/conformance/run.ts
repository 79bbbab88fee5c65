/** Runs a program, `main(log)`, in one of the forms, and gives what it logged. */
import { inspect } from 'node:util'
import { exploreDpor } from 'frontrun'
import { type HelperMode, transformSync } from 'oxc-transform'
import { instrument } from '../../src/transform/index.js'
import { babelHelpers } from './helpers.js'

export type Form = 'native' | 'inactive' | 'explored'

type Log = (...values: unknown[]) => void
type Main = (log: Log) => Promise<void>

Object.assign(globalThis, { babelHelpers })

/** As Vite does: our plugin first, then types, JSX, and what the engines don't have yet. */
export function compile(name: string, source: string, form: Form): string {
  const code = form === 'native' ? source : instrument(source, name).code
  const { code: lowered, errors } = transformSync(name, code, {
    target: 'es2022',
    decorator: { legacy: true },
    jsx: { runtime: 'classic', pragma: 'h', pragmaFrag: 'Fragment', pure: false },
    // The enum is one of the types only.
    helpers: { mode: 'External' as HelperMode },
  })
  if (errors.length) throw new Error(errors[0].message)
  return lowered
}

async function load(name: string, code: string): Promise<Main> {
  if (!name.endsWith('.cjs'))
    return (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)).main
  const module: { exports: unknown } = { exports: {} }
  new Function('module', 'exports', code)(module, module.exports)
  return module.exports as Main
}

export async function logOf(name: string, source: string, form: Form): Promise<string[]> {
  const lines: string[] = []
  const log: Log = (...values) => void lines.push(values.map(value => inspect(value, { depth: 6 })).join(' '))
  const main = await load(name, compile(name, source, form))
  if (form !== 'explored') {
    await main(log)
    return lines
  }
  const result = await exploreDpor({
    // One execution goes before those that count.
    setup: () => {
      lines.length = 0
      return (...values: unknown[]) => log(...values)
    },
    tasks: [main],
    invariant: () => true,
    clock: 'virtual',
    maxExecutions: 1,
  })
  if (result.explanation) throw new Error(result.explanation)
  return lines
}
