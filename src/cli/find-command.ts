import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { pathKey } from './environment.js'

export type Found = { file: string } | { missing: true } | { forbidden: true }

/** What a shell would run for this command. */
export function findCommand(command: string, env: NodeJS.ProcessEnv): Found {
  const isPath = /[\\/]/.test(command)
  const folders = isPath ? [''] : (env[pathKey(env)] ?? '').split(delimiter)
  const extensions = process.platform === 'win32' ? ['', ...(env.PATHEXT ?? '.EXE;.CMD;.BAT').split(';')] : ['']
  let forbidden = false
  for (const folder of folders) {
    for (const extension of extensions) {
      const file = isPath ? resolve(command + extension) : join(folder || '.', command + extension)
      if (!isFile(file)) continue
      if (isExecutable(file)) return { file }
      forbidden = true
    }
  }
  return forbidden ? { forbidden: true } : { missing: true }
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
