/**
 * A process that runs contenders on demand. Started twice, with and without frontrun's hooks, and kept: the main process
 * gives each contender its turns one after the other, so that all of them see the same machine.
 */
import { contendersOf } from './roster.mjs'

const contenders = await contendersOf(process.argv[2])

process.on('message', async ({ name, milliseconds }) => {
  const contender = contenders[name]
  const start = performance.now()
  let executions = 0
  let steps = 0
  let elapsed = 0
  while (elapsed < milliseconds) {
    const count = await contender()
    executions += count.executions
    steps += count.steps
    elapsed = performance.now() - start
  }
  process.send({ executions: (executions * 1000) / elapsed, steps: (steps * 1000) / elapsed })
})
process.on('disconnect', () => process.exit())
process.send('ready')
