import { defineConfig } from 'vitest/config'
import { frontrun } from './dist/integrations/vitest.js'

const instrumented = 'test/explore/**/*.test.ts'
const common = { testTimeout: 60_000 }

export default defineConfig({
  test: {
    reporters: ['default', './scripts/summary-reporter.ts'],
    projects: [
      { test: { ...common, name: 'plain', include: ['test/**/*.test.ts'], exclude: [instrumented] } },
      // As a user has it: the built package, and its plugin over the tests and what they share.
      {
        plugins: [frontrun({ include: ['test/explore/**'] })],
        test: { ...common, name: 'instrumented', include: [instrumented] },
      },
    ],
  },
})
