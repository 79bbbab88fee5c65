/**
 * A process that runs contenders on demand. Started twice, with and without frontrun's hooks, and kept: the main process
 * gives each contender its turns one after the other, so that all of them see the same machine. Time is the processor's:
 * all contenders keep it busy, and what else the machine does should not count.
 */
import { contendersOf } from './roster.mjs'

const contenders = await contendersOf(process.argv[2])

process.on('message', async ({ name, milliseconds }) => {
  const contender = contenders[name]
  const start = process.cpuUsage()
  let executions = 0
  let steps = 0
  let elapsed = 0
  while (elapsed < milliseconds) {
    const count = await contender()
    executions += count.executions
    steps += count.steps
    const { user, system } = process.cpuUsage(start)
    elapsed = (user + system) / 1000
  }
  process.send({ executions: (executions * 1000) / elapsed, steps: (steps * 1000) / elapsed })
})
process.on('disconnect', () => process.exit())
process.send('ready')
