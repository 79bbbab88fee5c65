export const usage = `Usage: frontrun [options] <command> [arguments]

Runs a command with the project's JavaScript and TypeScript instrumented, so that frontrun
can explore its interleavings: frontrun vitest, frontrun node --test, frontrun npm test.

Options:
  --trace-packages=<names>  instrument these packages too: names or globs, with commas between
  -h, --help                print this help
  -v, --version             print frontrun's version

The exit code is the command's; 128 and the signal's number if a signal ended it;
127 if there is no such command, 126 if it can't be run, 1 for a mistake in these options.
`

export type Request =
  | { kind: 'help' }
  | { kind: 'version' }
  | { kind: 'mistake'; message: string }
  | { kind: 'run'; command: string; args: string[]; tracePackages: string[] }

/** Options end at the command: what follows is the command's own. */
export function parseArguments(args: readonly string[]): Request {
  const tracePackages: string[] = []
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]
    if (arg === '-h' || arg === '--help') return { kind: 'help' }
    if (arg === '-v' || arg === '--version') return { kind: 'version' }
    if (arg === '--trace-packages' || arg.startsWith('--trace-packages=')) {
      const value = arg.includes('=') ? arg.slice(arg.indexOf('=') + 1) : args[++at]
      if (!value) return { kind: 'mistake', message: '--trace-packages needs the names of packages.' }
      tracePackages.push(value)
      continue
    }
    if (arg.startsWith('-') && arg !== '--') return { kind: 'mistake', message: `unknown option ${arg}.` }
    const [command, ...rest] = args.slice(arg === '--' ? at + 1 : at)
    if (!command) break
    return { kind: 'run', command, args: rest, tracePackages }
  }
  return { kind: 'mistake', message: 'no command given.' }
}
