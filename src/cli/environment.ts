import { delimiter, dirname, join } from 'node:path'
import { preloadEnvironment } from '../io/library.js'

const registerUrl = new URL('../integrations/register.js', import.meta.url).href

/**
 * The environment that makes each Node process of the command instrument the code it loads, and each process report what
 * its C code does to files and sockets.
 *
 * Our flag comes first in NODE_OPTIONS, so that a compiler registered by the user (tsx, ts-node) gets what we made of the
 * source rather than the other way round. A file URL has no spaces or quotes and so needs no quoting.
 */
export function childEnvironment(
  tracePackages: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  folder: string = process.cwd(),
): NodeJS.ProcessEnv {
  const flag = `--import=${registerUrl}`
  const options = env.NODE_OPTIONS ?? ''
  const traced = [env.FRONTRUN_TRACE_PACKAGES, ...tracePackages].filter(Boolean).join(',')
  const path = pathKey(env)
  return {
    ...env,
    ...preloadEnvironment({}, env),
    FRONTRUN_ACTIVE: '1',
    NODE_OPTIONS: options.includes(flag) ? options : `${flag} ${options}`.trimEnd(),
    ...(traced === '' ? {} : { FRONTRUN_TRACE_PACKAGES: traced }),
    [path]: [...binFolders(folder), env[path] ?? ''].filter(Boolean).join(delimiter),
  }
}

/** Windows spells it `Path`, and a copy of the environment is case-sensitive. */
export function pathKey(env: NodeJS.ProcessEnv): string {
  return Object.keys(env).find(key => key.toUpperCase() === 'PATH') ?? 'PATH'
}

/** Where a project's commands are, as `npm run` has it: `node_modules/.bin` here and in each folder above. */
function binFolders(folder: string): string[] {
  const parent = dirname(folder)
  const here = join(folder, 'node_modules', '.bin')
  return parent === folder ? [here] : [here, ...binFolders(parent)]
}
