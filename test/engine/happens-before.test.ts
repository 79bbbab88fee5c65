import { expect, test } from 'vitest'
import { HappensBefore } from '../../src/engine/happens-before.js'

test('an execution of more steps and tasks than can be kept ends with an error that says so', () => {
  const order = new HappensBefore(10_000)
  const run = (): void => {
    for (let task = 0; task < 1000; task++) order.append(task, [task * 8], [])
  }
  expect(run).toThrow(/frontrun: an execution of \d+ steps by \d+ tasks is too long to be searched\. .*maxSteps/)
})
