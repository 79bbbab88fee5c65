/** Runs the Promises/A+ conformance suite over the promise library named on the command line, and prints what came of it. */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const library = require(process.argv[2])
const Implementation = library.Promise ?? library

const adapter = {
  deferred() {
    const deferred = {}
    deferred.promise = new Implementation((resolve, reject) => Object.assign(deferred, { resolve, reject }))
    return deferred
  },
  resolved: value => Implementation.resolve(value),
  rejected: reason => Implementation.reject(reason),
}

let passes = 0
const failures = []
function collect(runner) {
  runner.on('pass', () => passes++)
  runner.on('fail', (test, error) => failures.push(`${test.fullTitle()}: ${error}`))
}

require('promises-aplus-tests')(adapter, { reporter: collect, timeout: 20_000 }, () => {
  const files = globalThis[Symbol.for('frontrun.runtime')]?.sites.files ?? []
  const instrumented = files.filter(file => file.id.includes(`/node_modules/${process.argv[2]}/`)).length
  process.stdout.write(JSON.stringify({ passes, failures, instrumented }))
})
