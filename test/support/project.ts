import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const repository = fileURLToPath(new URL('../..', import.meta.url))

/** Files of the built package, as users run them. */
export const cli = join(repository, 'dist/cli/main.js')
export const registerUrl = new URL('../../dist/integrations/register.js', import.meta.url).href
export const vitestBin = join(repository, 'node_modules/vitest/vitest.mjs')

/** Writes a small real project inside the repository, so that it finds its dependencies; removes it after the test. */
export function writeProject(files: Record<string, string>): string {
  const parent = join(repository, '.frontrun')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'project-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries({ 'package.json': '{}', ...files })) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  return folder
}

export interface RunResult {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  cwd: string
  env?: Record<string, string>
  /** Called with all of stdout so far, each time there is more. */
  onOutput?: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void
}

/** Runs a command to its end without the environment of the test runner this runs in. */
export function run(file: string, args: readonly string[], { cwd, env, onOutput }: RunOptions): Promise<RunResult> {
  const inherited = Object.entries(process.env).filter(
    ([key]) => !/^(?:VITEST|NODE_OPTIONS|NODE_ENV|FRONTRUN|TEST$|npm_)/.test(key),
  )
  const child = spawn(file, args, { cwd, env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...env } })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text
    onOutput?.(stdout, signal => child.kill(signal))
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}

/** Source text: whether a function was instrumented. `toString` itself hides that. */
export const isInstrumented = String.raw`f => /"\$fr";?\s*\}$/.test((Function.prototype.toString[Symbol.for('frontrun.original')] ?? f.toString).call(f))`
