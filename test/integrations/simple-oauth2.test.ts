import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test('simple-oauth2 0.7.0 mixes up the tokens of two users over HTTP; 0.8.0 holds', () => {
  const args = ['dist/cli/main.js', '--trace-packages=simple-oauth2*', 'node', 'examples/packages/simple-oauth2.ts']
  const cwd = fileURLToPath(new URL('../..', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })
  expect(status, stdout + stderr).toBe(0)
  const [racy, fixed] = stdout.split('simple-oauth2 0.8.0')
  expect(racy).toContain('state.oauth2.accessToken.token')
  expect(racy).toMatch(/simple-oauth2-racy\/lib\/client\/access-token\.js:13 +this\.token = token;/)
  expect(racy).toContain('Reproduced 10/10 times')
  expect(fixed).toContain('Holds in all 6 interleavings.')
})
