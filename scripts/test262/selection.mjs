/** Which tests are run: the language, and what of the builtins is about promises, async functions and iteration. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const BUILTINS =
  /^(Promise|Async\w*|AsyncGenerator\w*|Generator\w*|Iterator|\w+IteratorPrototype|DisposableStack|AsyncDisposableStack|SuppressedError)$/

/** @param {{ filter?: string[], shard?: string }} options @returns {string[]} paths under `test` */
export function selectTests(suite, { filter, shard }) {
  const folders = [
    'language',
    ...readdirSync(join(suite, 'test', 'built-ins'))
      .filter(name => BUILTINS.test(name))
      .map(name => `built-ins/${name}`),
  ]
  let tests = folders.flatMap(folder => [...files(suite, folder)])
  if (filter) tests = tests.filter(path => filter.some(text => path.includes(text)))
  if (shard) {
    const [part, of] = shard.split('/').map(Number)
    tests = tests.filter((_, index) => index % of === part - 1)
  }
  return tests
}

function* files(suite, folder) {
  for (const entry of readdirSync(join(suite, 'test', folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) yield* files(suite, path)
    else if (entry.name.endsWith('.js') && !entry.name.includes('_FIXTURE')) yield path
  }
}
