import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { findCommand } from './find-command.js'

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const

/** Runs the command on this process's own streams until it ends, and gives the exit code a shell would. */
export async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const found = findCommand(command, env)
  if ('missing' in found) return refuse(`command not found: ${command}`, 127)
  if ('forbidden' in found) return refuse(`${command} is not executable`, 126)
  // Windows runs .cmd files, which npm's commands are, only through its shell.
  const shell = /\.(?:cmd|bat)$/i.test(found.file)
  const child = spawn(shell ? `"${found.file}"` : found.file, args, { stdio: 'inherit', env, shell })

  const handlers = forwarded.map(signal => {
    const handler = () => {
      // Ctrl-C in a terminal reaches the command by itself: forwarded as well, it would count as pressed twice.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    process.on(signal, handler)
    return () => process.off(signal, handler)
  })
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]))
    })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    return refuse(`can't run ${command}: ${(error as Error).message}`, code === 'ENOENT' ? 127 : 126)
  } finally {
    for (const stop of handlers) stop()
  }
}

function refuse(message: string, exitCode: number): number {
  process.stderr.write(`frontrun: ${message}\n`)
  return exitCode
}
