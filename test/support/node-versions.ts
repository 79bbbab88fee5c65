import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const cache = fileURLToPath(new URL('../../node_modules/.cache/frontrun', import.meta.url))

/** The versions of Node that frontrun supports. */
export const supportedMajors = [20, 22, 24, 26] as const

/**
 * The path of a Node binary of this major version: the running one if it fits, else the newest from npm, installed once
 * into `node_modules/.cache`. The package `node` only wraps a package for each platform, by an install script; that
 * package is taken directly.
 */
export async function nodeBinary(major: number): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath
  const os = process.platform === 'win32' ? 'win' : process.platform
  const name = `node-${os}-${process.arch}`
  const folder = join(cache, `node-${major}`)
  const binary = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (!existsSync(binary)) await install(`${name}@${major}`, folder)
  return binary
}

/** Test files run at the same time and may want the same version: each installs aside, one becomes the cache. */
async function install(specifier: string, folder: string): Promise<void> {
  const aside = `${folder}.${process.pid}`
  mkdirSync(aside, { recursive: true })
  writeFileSync(join(aside, 'package.json'), '{"private":true}')
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
  try {
    await execute('npm', ['install', ...flags, specifier], { cwd: aside, shell: process.platform === 'win32' })
    if (!existsSync(folder)) renameSync(aside, folder)
  } catch (error) {
    if (!existsSync(folder))
      throw new Error(`Node ${specifier} can't be installed from npm for the tests.`, { cause: error })
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
}
