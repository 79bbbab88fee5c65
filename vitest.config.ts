import { defineConfig } from 'vitest/config'
import { frontrun } from './dist/integrations/vitest.js'

const instrumented = ['test/explore/**', 'test/markers/**']
const tests = instrumented.map(folder => `${folder}/*.test.ts`)
const common = { testTimeout: 60_000 }

export default defineConfig({
  test: {
    reporters: ['default', './scripts/summary-reporter.ts'],
    projects: [
      { test: { ...common, name: 'plain', include: ['test/**/*.test.ts'], exclude: tests } },
      // As a user has it: the built package, and its plugin over the tests and what they share.
      {
        plugins: [frontrun({ include: instrumented })],
        test: { ...common, name: 'instrumented', include: tests },
      },
    ],
  },
})
