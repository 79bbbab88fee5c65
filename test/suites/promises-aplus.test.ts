/**
 * A real suite from npm over real libraries written without `await`: the Promises/A+ conformance tests, both instrumented,
 * must not notice whether frontrun is there. First with no exploration, then each test as the only task of one, so that
 * the coroutines do all the work.
 */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { cli, run } from '../support/project.js'

const runner = fileURLToPath(new URL('promises-aplus.mjs', import.meta.url))
const asTasks = new URL('../../scripts/suite-as-tasks.mjs', import.meta.url).href
const TESTS = 872

async function suite(library: string, options: string[]): Promise<void> {
  const traced = `${library},asap,promises-aplus-tests`
  const args = [cli, `--trace-packages=${traced}`, process.execPath, ...options, runner, library]
  const { stdout, stderr } = await run(process.execPath, args, { cwd: fileURLToPath(new URL('.', import.meta.url)) })
  expect(stderr).toBe('')
  const result = JSON.parse(stdout)
  expect(result.failures).toEqual([])
  expect(result.passes).toBe(TESTS)
  expect(result.instrumented).toBeGreaterThan(0)
}

const libraries = ['promise', 'es6-promise', 'pinkie']
/** Most of the time they sleep. */
const together = { timeout: 300_000, concurrent: true }

test.each(libraries)('%s, instrumented and inactive', together, library => suite(library, []))

test.each(libraries)('%s, each test a task', together, library => suite(library, ['--import', asTasks]))
