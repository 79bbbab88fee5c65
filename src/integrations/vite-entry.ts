/**
 * `frontrun vitest` needs no change to the user's configuration: the module that `import 'vite'` loads is replaced by one
 * that exports the same, except that servers are created with frontrun's plugin. Only public API is touched, and every
 * Vitest, with or without projects, reaches Vite through it.
 */
const viteEntry = /\/node_modules\/vite\/dist\/node\/index\.js$/
const original = '?frontrun-original'

export function isViteEntry(url: string): boolean {
  return url.startsWith('file:') && viteEntry.test(url)
}

export function viteEntrySource(url: string): string {
  const vite = JSON.stringify(url + original)
  const inject = JSON.stringify(new URL('./vitest-inject.js', import.meta.url).href)
  return [
    `import { createServer as create, resolveConfig as resolve } from ${vite}`,
    `import { withFrontrun } from ${inject}`,
    `export * from ${vite}`,
    'export const createServer = options => create(withFrontrun(options))',
    'export const resolveConfig = (options, ...rest) => resolve(withFrontrun(options), ...rest)',
  ].join('\n')
}
