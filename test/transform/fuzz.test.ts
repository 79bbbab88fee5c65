import { expect, test } from 'vitest'
import { randomProgram } from './random-program.js'
import { type Form, runProgram } from './run-program.js'

const COUNT = Number(process.env.FUZZ ?? 150)
const START = Number(process.env.SEED ?? 1)
const forms: Form[] = ['written', 'coroutine', 'threads']

test.each([false, true])('random programs do the same in every form (async: %s)', async isAsync => {
  for (let seed = START; seed < START + COUNT; seed++) {
    const body = randomProgram(seed, isAsync)
    const main = isAsync
      ? 'module.exports=async function main(){'
      : seed % 2
        ? '"use strict";module.exports=()=>{'
        : undefined
    const native = await runProgram(body, 'native', { main })
    expect(native.log, body).not.toContain('SyntaxError')
    for (const form of forms) {
      const outcome = await runProgram(body, form, { main })
      expect(outcome.log, `seed ${seed}, ${form}:\n${body}`).toBe(native.log)
    }
  }
})
