import { describe, expect, test } from 'vitest'
import { parseArguments } from '../../src/cli/arguments.js'

describe('the command line', () => {
  test("options after the command are the command's own", () => {
    expect(parseArguments(['vitest', 'run', '--help'])).toEqual({
      kind: 'run',
      command: 'vitest',
      args: ['run', '--help'],
      tracePackages: [],
    })
  })

  test('packages to trace are given in one word or two, and more than once', () => {
    expect(parseArguments(['--trace-packages=a,b*', '--trace-packages', '@s/c', 'node', 'x.js'])).toMatchObject({
      command: 'node',
      args: ['x.js'],
      tracePackages: ['a,b*', '@s/c'],
    })
  })

  test('two dashes end the options', () => {
    expect(parseArguments(['--', '--odd-name', '-x'])).toMatchObject({ command: '--odd-name', args: ['-x'] })
  })

  test.each([[[]], [['--']], [['--trace-packages']], [['--trace-packages=']], [['--unknown', 'node']]])(
    '%j is a mistake',
    args => {
      expect(parseArguments(args).kind).toBe('mistake')
    },
  )
})
