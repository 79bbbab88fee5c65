/** Runs the tests that it is sent, one after the other, and answers what happened in each way. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { modesOf, readFrontmatter } from './frontmatter.mjs'
import { runExplored, runPlainly, runWrapped, Test } from './ways.mjs'

const [suite] = process.argv.slice(2)

// What a test leaves behind may fail after it has been judged.
process.on('unhandledRejection', () => {})
process.on('uncaughtException', () => {})

/** A script's own statements become a coroutine only in a function, and only if a function does not change what they do. */
async function explore(test, native) {
  const canWrap =
    test.mode !== 'module' && !test.frontmatter.flags.has('raw') && test.frontmatter.negative?.phase !== 'parse'
  if (canWrap) {
    const result = await runExploredInOrder(test, true)
    // Where they agree, or where the function is not what makes the difference.
    if ((result.explored === null) === (native === null)) return { form: 'wrapped', ...result }
    const wrapped = await guarded(() => runWrapped(test))
    if ((wrapped === null) === (native === null)) return { form: 'wrapped', ...result }
  }
  return { form: 'evaluated', ...(await runExploredInOrder(test, false)) }
}

/** With the engine's own order of jobs where that decides. */
async function runExploredInOrder(test, wrap) {
  const failure = await guarded(() => runExplored(test, wrap))
  if (failure === null || !test.isAsync || (await guarded(() => runExplored(test, wrap, 'engine'))) !== null)
    return { explored: failure, fidelity: 'any' }
  return { explored: null, fidelity: 'engine' }
}

/** What breaks frontrun itself is a failure of the test, too. */
async function guarded(run) {
  try {
    return await run()
  } catch (error) {
    return `frontrun failed: ${error?.stack ?? error}`
  }
}

async function run(path) {
  const source = readFileSync(join(suite, 'test', path), 'utf8')
  const frontmatter = readFrontmatter(source)
  const results = []
  for (const mode of modesOf(frontmatter)) {
    const test = new Test(suite, path, source, frontmatter, mode)
    const began = performance.now()
    process.send({ stage: 'native' })
    const native = await guarded(() => runPlainly(test, false))
    process.send({ stage: 'instrumented' })
    const inactive = await guarded(() => runPlainly(test, true))
    results.push({ path, mode, native, inactive, ...(await explore(test, native)), ms: performance.now() - began })
  }
  return results
}

process.on('message', async path => {
  try {
    process.send({ results: await run(path), memory: process.memoryUsage().rss })
  } catch (error) {
    process.send({ broken: String(error?.stack ?? error) })
  }
})
