import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { preloadEnvironment } from '../../src/io/index.js'
import { has, isLinux, library } from './support/compiler.js'
import { dynamicSymbols } from './support/elf.js'

/** What every glibc and musl defines, each under one version. */
const allowed = ['__errno_location', 'dirfd', 'dl_iterate_phdr', 'environ', 'fileno']
const architectures = ['x64', 'arm64'].filter(arch => arch === process.arch || has('aarch64-linux-gnu-gcc'))

describe.runIf(isLinux).each(architectures)('the library for %s', arch => {
  const elf = isLinux ? dynamicSymbols(readFileSync(library(arch))) : null

  test('needs no library and no version of one, so that the oldest supported glibc (2.28) and musl load it', () => {
    expect(elf?.needed).toEqual([])
    expect(elf?.versionsNeeded).toBe(0)
    expect(elf?.undefined).toEqual(allowed)
  })

  test('exports hooks only', () => {
    const hooks = new Set(elf?.defined)
    const asked =
      'connect send sendto sendmsg sendmmsg write writev recv recvfrom recvmsg recvmmsg read readv close pread pwrite ' +
      'preadv pwritev open openat rename unlink fsync fcntl dup dup2 dup3 accept accept4 pread64 pwrite64 preadv64 ' +
      'pwritev64 preadv64v2 pwritev64v2 open64 openat64 fcntl64 close_range __read_chk __recv_chk __pread64_chk syscall'
    expect(asked.split(' ').filter(name => !hooks.has(name))).toEqual([])
    expect(
      [...hooks].filter(name => !/^[a-z_0-9]+$/.test(name) || /notice|channel|descriptor|resolve/.test(name)),
    ).toEqual([])
  })
})

describe.runIf(isLinux)('the environment that loads the library', () => {
  test('keeps the libraries that were preloaded already, once', () => {
    const path = library()
    const once = preloadEnvironment({ fd: 5 }, { FRONTRUN_PRELOAD_LIB: path, LD_PRELOAD: '/lib/a.so /lib/b.so' })
    expect(once).toEqual({
      LD_PRELOAD: `/lib/a.so:/lib/b.so:${path}`,
      UV_USE_IO_URING: '0',
      FRONTRUN_IO_FD: '5',
    })
    expect(preloadEnvironment({}, { FRONTRUN_PRELOAD_LIB: path, ...once }).LD_PRELOAD).toBe(once.LD_PRELOAD)
  })

  test.each(['true', 'date'])('lets any program run: %s', command => {
    const env = { ...process.env, ...preloadEnvironment({ fd: 77 }, { FRONTRUN_PRELOAD_LIB: library() }) }
    // A descriptor that is not there is no channel, and no reason to say anything.
    expect(() => execFileSync(command, { env, stdio: 'pipe' })).not.toThrow()
  })
})
