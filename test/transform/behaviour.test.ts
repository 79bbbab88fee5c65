import { describe, expect, test } from 'vitest'
import { asyncPrograms, programs } from './programs.js'
import { type Form, runProgram } from './run-program.js'

const forms: Form[] = ['written', 'coroutine', 'threads']

async function compare(body: string, main: string): Promise<void> {
  const native = await runProgram(body, 'native', { main })
  for (const form of forms) {
    const outcome = await runProgram(body, form, { main })
    expect(outcome.log, form).toBe(native.log)
  }
}

describe.each(Object.entries(programs))('%s do the same in every form', (_name, bodies) => {
  test.each(bodies)('sloppy: %s', async body => {
    await compare(body, 'module.exports=function main(){')
  })

  const strict = bodies.filter(
    body => !/with\(|var yield|a,a|undeclared|arguments\[1\]=9|eval\(|typeof inner|function f\(a\)\{a=2/.test(body),
  )
  test.each(strict)('strict, nested: %s', async body => {
    await compare(body, '"use strict";module.exports=(...args)=>{')
  })
})

describe.each(Object.entries(asyncPrograms))('%s do the same in every form', (_name, bodies) => {
  test.each(bodies)('%s', async body => {
    await compare(body, 'module.exports=async function main(){')
    await compare(body, '"use strict";module.exports=async()=>{')
  })
})
