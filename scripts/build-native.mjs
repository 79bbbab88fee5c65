// npm run build:native [-- --require] [-- --test-tools]: builds the preload library into dist/native, one file for each architecture.
// What has no compiler here is left out, and said; with --require (as when publishing) that is an error.
//
// Nothing of a C library is linked: the few functions used are found under one name, without a version, in each glibc
// and in musl. So the file built here loads everywhere, whatever this machine has.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../native/src/', import.meta.url))
const output = fileURLToPath(new URL('../dist/native/', import.meta.url))

const flags = [
  '-std=gnu11',
  '-D_GNU_SOURCE',
  '-O2',
  '-fPIC',
  '-shared',
  '-nostdlib',
  '-fvisibility=hidden',
  '-fno-builtin',
  // A canary would need a symbol of the C library.
  '-fno-stack-protector',
  // Hooks are the functions that fortified headers redefine.
  '-U_FORTIFY_SOURCE',
  '-D_FORTIFY_SOURCE=0',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-s',
  '-Wl,-z,now',
  '-Wl,-z,relro',
  '-Wl,-z,noexecstack',
  '-Wl,--hash-style=both',
  '-Wl,--build-id=none',
  '-Wl,-soname,libfrontrun_io.so',
]

const native = process.env.CC || 'cc'
const targets = [
  {
    arch: 'x64',
    compilers: process.arch === 'x64' ? [native] : ['x86_64-linux-gnu-gcc'],
    flags: [],
    debian: 'gcc-x86-64-linux-gnu',
  },
  {
    arch: 'arm64',
    compilers: process.arch === 'arm64' ? [native] : ['aarch64-linux-gnu-gcc'],
    // Else atomics are calls into the compiler's library.
    flags: ['-mno-outline-atomics'],
    debian: 'gcc-aarch64-linux-gnu libc6-dev-arm64-cross',
  },
]

if (process.platform !== 'linux') {
  console.log('build:native: the preload library is for Linux; nothing is built here.')
  process.exit(process.argv.includes('--require') ? 1 : 0)
}

let missing = 0
for (const { arch, compilers, flags: own, debian } of targets) {
  const cc =
    compilers.find(exists) ?? (installed(arch === process.arch ? 'gcc libc6-dev' : debian) && compilers.find(exists))
  if (!cc) {
    missing++
    const needed = arch === process.arch ? 'gcc libc6-dev' : debian
    console.log(
      `build:native: linux-${arch} is left out: no ${compilers.join(' or ')} here. On Debian: apt-get install ${needed}`,
    )
    continue
  }
  const folder = `${output}linux-${arch}`
  mkdirSync(folder, { recursive: true })
  const files = readdirSync(source).filter(name => name.endsWith('.c'))
  const { status } = spawnSync(cc, [...flags, ...own, '-o', `${folder}/libfrontrun_io.so`, ...files], {
    cwd: source,
    stdio: 'inherit',
  })
  if (status !== 0) {
    console.error(`build:native: ${cc} failed for linux-${arch}`)
    process.exit(1)
  }
  console.log(`build:native: dist/native/linux-${arch}/libfrontrun_io.so`)
}
// Its tests run on musl and, emulated, on arm64 as well, where these are.
if (process.argv.includes('--test-tools'))
  for (const [command, name] of Object.entries({ 'musl-gcc': 'musl-tools', 'qemu-aarch64': 'qemu-user' }))
    if (!exists(command) && !installed(name))
      console.log(`build:native: its tests leave out ${name}, which is not here`)

if (missing > 0 && process.argv.includes('--require')) process.exit(1)

function exists(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0
}

/** Root on a Debian, as in a container, can have the compiler at once. */
function installed(packages) {
  if (process.getuid() !== 0 || !exists('apt-get')) return false
  const run = args => spawnSync('apt-get', args, { stdio: 'inherit' }).status === 0
  const names = packages.split(' ')
  const install = ['install', '-y', '--no-install-recommends', ...names]
  return run(install) || (run(['update']) && run(install))
}
