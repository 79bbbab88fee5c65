import type { Reporter, TestModule } from 'vitest/node'

/** Prints the suite's sum as the last line, in the one form that every CI can be taught: `12 passed, 0 failed`. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0
    // What fails outside of a test fails the run all the same.
    let failed = unhandledErrors.length
    for (const module of modules) {
      const tests = [...module.children.allTests()]
      passed += tests.filter(test => test.result().state === 'passed').length
      const failures = tests.filter(test => test.result().state === 'failed').length
      failed += failures === 0 && module.state() === 'failed' ? 1 : failures
    }
    // After Vitest's own summary, which is written in the same round of reporters.
    process.once('exit', () => process.stdout.write(`\n${passed} passed, ${failed} failed\n`))
  }
}
