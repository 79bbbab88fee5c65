import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../../..', import.meta.url))
const output = join(repository, '.frontrun', `native-${process.pid}`)

export const isLinux = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64')

/** The library for an architecture, built if it is not there. A machine without a compiler can't run these tests. */
export function library(arch: string = process.arch): string {
  const path = join(repository, 'dist/native', `linux-${arch}`, 'libfrontrun_io.so')
  if (!existsSync(path))
    execFileSync(process.execPath, [join(repository, 'scripts/build-native.mjs')], { stdio: 'inherit' })
  if (!existsSync(path)) throw new Error(`There is no C compiler for ${arch}: apt-get install gcc libc6-dev`)
  return path
}

/** Compiles a C file with the given compiler; gives the program's path. */
export function compile(cc: string, source: string, flags: readonly string[] = []): string {
  mkdirSync(output, { recursive: true })
  const program = join(output, `${cc}-${source.replace(/\W/g, '-')}`)
  const path = fileURLToPath(new URL(`../programs/${source}`, import.meta.url))
  execFileSync(cc, ['-O1', '-Wall', '-o', program, path, ...flags], { stdio: ['ignore', 'inherit', 'inherit'] })
  return program
}

export const has = (command: string): boolean =>
  spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined

export interface Platform {
  name: string
  cc: string
  arch: string
  /** What runs a program of this platform, with the library loaded into it. */
  command(program: string, args: readonly string[]): { file: string; args: string[]; env: Record<string, string> }
}

const plain = (arch: string) => (program: string, args: readonly string[]) => ({
  file: program,
  args: [...args],
  env: { LD_PRELOAD: library(arch) },
})

/** The platforms whose programs can be built and run on this machine: its own, musl, and arm64 under qemu. */
export function platforms(): Platform[] {
  if (!isLinux) return []
  const all: Platform[] = [{ name: 'glibc', cc: 'cc', arch: process.arch, command: plain(process.arch) }]
  if (has('musl-gcc')) all.push({ name: 'musl', cc: 'musl-gcc', arch: process.arch, command: plain(process.arch) })
  if (process.arch === 'x64' && has('qemu-aarch64') && has('aarch64-linux-gnu-gcc')) {
    const emulate = (program: string, args: readonly string[]) => ({
      file: 'qemu-aarch64',
      args: ['-L', '/usr/aarch64-linux-gnu', '-E', `LD_PRELOAD=${library('arm64')}`, program, ...args],
      env: {},
    })
    all.push({ name: 'arm64', cc: 'aarch64-linux-gnu-gcc', arch: 'arm64', command: emulate })
  }
  return all
}

/** Compiles a native addon. */
export const compileAddon = (source: string): string => {
  const program = compile('cc', source, ['-shared', '-fPIC', '-pthread'])
  const addon = `${program}.node`
  copyFileSync(program, addon)
  return addon
}
