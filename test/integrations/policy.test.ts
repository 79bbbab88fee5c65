import { describe, expect, test } from 'vitest'
import { missingTracePackages, packageOfPath, shouldInstrument } from '../../src/integrations/policy.js'

describe('which files are instrumented', () => {
  test.each([
    ['/app/src/x.ts', undefined],
    ['/app/node_modules/pg/lib/client.js', 'pg'],
    ['/app/node_modules/@scope/name/index.js', '@scope/name'],
    ['/app/node_modules/.pnpm/pg@8.1.0/node_modules/pg/lib/client.js', 'pg'],
    ['/app/node_modules/a/node_modules/b/index.js', 'b'],
    ['C:\\app\\node_modules\\pg\\index.js', 'pg'],
  ])('%s belongs to package %s', (path, name) => {
    expect(packageOfPath(path)).toBe(name)
  })

  test.each([
    ["the project's own", '/app/src/x.ts', [], true],
    ['a linked package by its real path', '/monorepo/packages/lib/src/x.ts', [], true],
    ['a dependency', '/app/node_modules/pg/index.js', [], false],
    ['a dependency by name', '/app/node_modules/pg/index.js', ['pg'], true],
    ['a dependency by glob', '/app/node_modules/@acme/queue/index.js', ['@acme/*'], true],
    ['a name that only begins alike', '/app/node_modules/pg-pool/index.js', ['pg'], false],
    ['a test framework, whatever is traced', '/app/node_modules/vitest/dist/index.js', ['*'], false],
    ['frontrun, whatever is traced', '/app/node_modules/frontrun/dist/index.js', ['*'], false],
    ["a test framework's part", '/app/node_modules/@vitest/expect/dist/index.js', ['*'], false],
    ['any dependency with *', '/app/node_modules/p-queue/index.js', ['*'], true],
    ['types', '/app/src/x.d.ts', [], false],
    ["a package manager's release", '/app/.yarn/releases/yarn-4.9.1.cjs', [], false],
    ["a distribution's npm", '/usr/share/nodejs/npm/lib/cli.js', ['*'], false],
    ['a path with a query', '/app/src/x.ts?v=1', [], true],
  ])('%s', (_, path, tracePackages, expected) => {
    expect(shouldInstrument(path, { tracePackages })).toBe(expected)
  })

  test('frontrun itself is left alone, its tests and examples are not', () => {
    const repository = new URL('../..', import.meta.url).pathname
    expect(shouldInstrument(`${repository}src/runtime/index.ts`, { tracePackages: [] })).toBe(false)
    expect(shouldInstrument(`${repository}examples/bank.ts`, { tracePackages: [] })).toBe(true)
  })

  test('include narrows, exclude removes, by globs from any folder or by patterns', () => {
    const policy = { tracePackages: ['pg'], include: ['src/**/*.{ts,tsx}', /\/lib\//], exclude: ['**/generated/*'] }
    const check = (path: string) => shouldInstrument(path, policy)
    expect(check('/app/src/x.ts')).toBe(true)
    expect(check('/app/src/deep/down/x.tsx')).toBe(true)
    expect(check('/app/src/x.js')).toBe(false)
    expect(check('/app/lib/x.js')).toBe(true)
    expect(check('/app/test/x.ts')).toBe(false)
    expect(check('/app/src/generated/x.ts')).toBe(false)
    expect(check('/app/node_modules/pg/index.js')).toBe(true)
  })

  test('packages that an exploration wants and this process does not instrument are told', () => {
    const policy = { tracePackages: ['pg', 'queue-*'] }
    expect(missingTracePackages(['pg', 'queue-a', 'queue-*'], policy)).toEqual([])
    expect(missingTracePackages(['ioredis', 'q*'], policy)).toEqual(['ioredis', 'q*'])
    expect(missingTracePackages(['anything', 'a*'], { tracePackages: ['*'] })).toEqual([])
  })
})
