// npm writes into package-lock.json only those platform packages that it could look up, and `npm ci` then refuses the
// file for want of the others. Run this after changing dependencies: it adds what is missing, marked for its platform.
import { readFileSync, writeFileSync } from 'node:fs'

const path = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(path, 'utf8'))
const packages = lock.packages

for (const owner of Object.values(packages)) {
  for (const [name, range] of Object.entries(owner.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`
    const version = /^[~^]?(\d+\.\d+\.\d+\S*)$/.exec(range)?.[1]
    const platform = platformOf(name)
    if (packages[key] !== undefined || version === undefined || platform === undefined) continue
    packages[key] = { version, ...platform, ...(owner.dev ? { dev: true } : {}), optional: true }
    console.log(`added ${name}@${version}`)
  }
}

const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'))
writeFileSync(path, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`)

function platformOf(name) {
  if (name === 'fsevents') return { os: ['darwin'] }
  const pattern =
    /(android|darwin|freebsd|linux|openharmony|win32)-(arm64|x64|arm|ia32|ppc64|riscv64|s390x)(?:-(gnu|musl))?/
  const [, os, cpu, libc] = pattern.exec(name) ?? []
  if (os === undefined) return undefined
  return { cpu: [cpu], ...(libc && os === 'linux' ? { libc: [libc === 'gnu' ? 'glibc' : libc] } : {}), os: [os] }
}
