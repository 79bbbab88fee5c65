import { describe, expect, test } from 'vitest'
import { compile, platforms } from './support/compiler.js'
import { inFolder, observe, told } from './support/observe.js'

describe.each(platforms())('what a C program does, on $name', platform => {
  const run = (mode: string) =>
    inFolder(async folder => {
      const { events, code, stderr } = await observe(platform, compile(platform.cc, 'calls.c'), mode, folder)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      return told(events, folder)
    })

  test('reading and writing is told with the file, and the place where there is one', async () => {
    expect(await run('files')).toEqual([
      'open write file:/data',
      'write write file:/data',
      'write write file:/data',
      'write write file:/data @1+2',
      'write write file:/data @8+4',
      'read read file:/data',
      'read read file:/data',
      'read read file:/data @5+3',
      'read read file:/data @6+4',
      'read read file:/data @7+2',
      'truncate write file:/data',
      'sync - file:/data',
      'sync - file:/data',
      'dup - file:/data',
      'close - file:/data',
      'read read file:/data',
      'close - file:/data',
    ])
  })

  test('names are told by their real paths, links followed, also after a rename and after they are gone', async () => {
    expect((await run('names')).slice(17)).toEqual([
      'create write file:/folder',
      'create write file:/link',
      'rename write file:/data',
      'rename write file:/folder/data',
      'open read file:/folder/data',
      'create read file:/folder/data',
      'create write file:/other',
      'rename write file:/folder/data',
      'rename write file:/folder/renamed',
      'read read file:/folder/renamed',
      'unlink write file:/folder/renamed',
      'unlink write file:/other',
      'read read file:/folder/renamed',
      'close - file:/folder/renamed',
      'open read file:/missing errno 2',
      'unlink read file:/missing errno 2',
      'stat read file:/folder/.',
      'stat read file:/link',
      'open read file:/folder',
      'unlink write file:/folder',
    ])
  })

  test('locks are told, refused ones as a look, and those that closing gives back', async () => {
    expect(await run('locks')).toEqual([
      'open write file:/lock',
      'open read file:/lock',
      'open read file:/lock errno 17',
      'lock write file:/lock',
      'unlock - file:/lock',
      'lock write file:/lock',
      'lock read file:/lock errno 11',
      'unlock write file:/lock',
      'close - file:/lock',
      'lock read file:/lock',
      'unlock write file:/lock',
      'close - file:/lock',
    ])
  })

  test("streams of the C library reach their file with each call and when they're closed", async () => {
    expect(await run('streams')).toEqual([
      'open write file:/text',
      'write write file:/text',
      'write write file:/text',
      'close - file:/text',
      'open read file:/text',
      'read read file:/text',
      'close - file:/text',
    ])
  })

  test('pipes, pairs of sockets, devices and the standard streams are silent', async () => {
    expect(await run('internal')).toEqual([])
  })

  test('both ends of a connection are told by the one endpoint', async () => {
    const talk = (endpoint: string) => [
      `connect write ${endpoint}`,
      `accept read ${endpoint}`,
      `write write ${endpoint}`,
      `read read ${endpoint}`,
      `write write ${endpoint}`,
      `read read ${endpoint}`,
      `close - ${endpoint}`,
      `read read ${endpoint}`,
      `close - ${endpoint}`,
      `close - ${endpoint}`,
    ]
    const lines = await run('sockets')
    const hasIPv6 = lines.some(line => line.includes('[::1]'))
    expect(lines).toEqual([
      ...talk('socket:127.0.0.1:PORT'),
      // The first is of the socket that was bound to see whether there is IPv6.
      ...(hasIPv6 ? ['close - socket:[::1]:PORT', ...talk('socket:[::1]:PORT')] : []),
      ...talk('socket:unix:socket'),
      ...talk('socket:unix:@NAME'),
      'write write socket:127.0.0.1:PORT',
      'read read socket:127.0.0.1:PORT',
      'write write socket:127.0.0.1:PORT',
      'write write socket:127.0.0.1:PORT',
      'read read socket:127.0.0.1:PORT',
      'close - socket:127.0.0.1:PORT',
      'close - socket:0.0.0.0:PORT',
    ])
  })
})
