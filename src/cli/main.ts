#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { parseArguments, usage } from './arguments.js'
import { childEnvironment } from './environment.js'
import { run } from './run.js'

const request = parseArguments(process.argv.slice(2))
switch (request.kind) {
  case 'help':
    process.stdout.write(usage)
    break
  case 'version':
    process.stdout.write(
      `${JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version}\n`,
    )
    break
  case 'mistake':
    process.stderr.write(`frontrun: ${request.message}\n\n${usage}`)
    process.exitCode = 1
    break
  case 'run':
    process.exitCode = await run(request.command, request.args, childEnvironment(request.tracePackages))
}
