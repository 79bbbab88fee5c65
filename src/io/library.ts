import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * Path of the preload library for this platform, or null if there is none: Linux on x64 and arm64 have one, which glibc
 * and musl both load. `FRONTRUN_PRELOAD_LIB` names another.
 */
export function preloadLibrary(env: NodeJS.ProcessEnv = process.env): string | null {
  if (env.FRONTRUN_PRELOAD_LIB) return env.FRONTRUN_PRELOAD_LIB
  if (process.platform !== 'linux') return null
  const path = fileURLToPath(new URL(`../native/linux-${process.arch}/libfrontrun_io.so`, import.meta.url))
  return existsSync(path) ? path : null
}

export interface PreloadOptions {
  /** A descriptor of the new process that events are written to: a pipe, or a socket as `stdio: 'pipe'` makes them. */
  fd?: number
  /** A file that events are appended to. */
  log?: string
}

/**
 * Environment variables that load the preload library into a new process and all that it starts. Empty where there is no
 * library for this platform.
 *
 * @example
 * ```ts
 * const child = spawn('sqlite3', ['app.db'], {
 *   env: { ...process.env, ...preloadEnvironment({ fd: 3 }) },
 *   stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
 * })
 * new IOEventDispatcher({ from: child.stdio[3] as Readable }).addListener(ev => console.log(ev.kind, ev.resourceId))
 * ```
 */
export function preloadEnvironment(
  { fd, log }: PreloadOptions = {},
  env: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const library = preloadLibrary(env)
  // The dynamic linker takes both for separators, and knows no escape.
  if (library === null || /[\s:]/.test(library)) return {}
  const others = (env.LD_PRELOAD ?? '').split(/[\s:]+/).filter(path => path !== '' && path !== library)
  return {
    // Last: other libraries go on standing in front of the C library as they did.
    LD_PRELOAD: [...others, library].join(':'),
    // Requests of io_uring reach the kernel without a call that could be seen.
    UV_USE_IO_URING: '0',
    ...(fd === undefined ? {} : { FRONTRUN_IO_FD: String(fd) }),
    ...(log === undefined ? {} : { FRONTRUN_IO_LOG: log }),
  }
}
