// npm run demo: two races that published packages really had, found in the versions that had them.
import { spawnSync } from 'node:child_process'

const demos = [
  [
    'limiter',
    'limiter 3.0.0 lets three requests through in a second whose limit is two; then the same exploration of 4.0.0.',
  ],
  ['async-mutex', 'async-mutex 0.3.2 reports an unlock while the mutex is locked; then the same exploration of 0.5.0.'],
]

for (const [name, text] of demos) {
  console.log(`\n# ${text}\n`)
  const args = ['dist/cli/main.js', `--trace-packages=${name}*`, 'node', `examples/packages/${name}.ts`]
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', cwd: new URL('..', import.meta.url) })
  if (status !== 0) process.exitCode = 1
}
