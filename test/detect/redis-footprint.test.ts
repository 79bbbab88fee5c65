import { describe, expect, test } from 'vitest'
import { footprint, type Touch } from '../../src/detect/redis/footprint.js'

/** Whether the order of two commands can matter, as the touches tell it; `looked`: somebody looks at orders of parts. */
function conflict(one: string, other: string, looked = false): boolean {
  const commutes = (kind: Touch['kind']): boolean => kind === 'update' || (kind === 'insert' && !looked)
  const reads = (kind: Touch['kind']): boolean => kind === 'read' || kind === 'list'
  return footprint(one.split(' ')).some(a =>
    footprint(other.split(' ')).some(
      b =>
        a.resource === b.resource &&
        a.part === b.part &&
        !(reads(a.kind) && reads(b.kind)) &&
        !(commutes(a.kind) && commutes(b.kind)),
    ),
  )
}

const conflicting = [
  ['GET a', 'SET a 1'],
  ['INCR a', 'INCR a'],
  ['SETNX a 1', 'SETNX a 2'],
  ['EXISTS a', 'SET a 1'],
  ['MGET a b', 'MSET b 1 c 2'],
  ['RENAME a b', 'GET b'],
  ['HGET h f', 'HSET h f 1'],
  ['HINCRBY h f 1', 'HINCRBY h f 1'],
  ['HGETALL h', 'HSET h f 1'],
  ['HLEN h', 'HDEL h f'],
  ['HGET h f', 'DEL h'],
  ['HSET h f 1', 'EXPIRE h 10'],
  ['HGETEX h FIELDS 2 f g', 'HGET h g'],
  ['HSETEX h EX 1 FIELDS 2 f 1 g 2', 'HGET h g'],
  ['SADD s m', 'SISMEMBER s m'],
  ['SCARD s', 'SADD s m'],
  ['SMOVE a b m', 'SISMEMBER b m'],
  ['SPOP s', 'SISMEMBER s m'],
  ['ZADD z NX 1 m', 'ZSCORE z m'],
  ['ZRANK z n', 'ZADD z 1 m'],
  ['GEOADD g XX 1 2 m', 'GEOPOS g m'],
  ['LLEN l', 'LPUSH l v'],
  ['BLPOP a b 0', 'RPUSH b v'],
  ['XADD s * f v', 'XREADGROUP GROUP g c STREAMS s >'],
  ['XREADGROUP GROUP g c STREAMS s >', 'XREADGROUP GROUP g c STREAMS s >'],
  ['KEYS *', 'SET a 1'],
  ['SCAN 0', 'HSET h f 1'],
  ['DBSIZE', 'DEL a'],
  ['RANDOMKEY', 'SET a 1'],
  ['FLUSHDB', 'GET a'],
  ['FLUSHALL', 'HGET h f'],
  ['SWAPDB 0 1', 'GET a'],
  ['FLUSHALL', 'KEYS *'],
  ['EVAL script 1 a', 'GET a'],
  ['EVAL script 0', 'GET a'],
  ['FCALL f 2 a b', 'SET b 1'],
  ['EVALSHA_RO sha 1 a', 'SET a 1'],
  ['SCRIPT FLUSH', 'EVALSHA sha 1 a'],
  ['FUNCTION LOAD code', 'FCALL f 1 a'],
  ['SOMETHING.NEW a', 'GET b'],
  ['SORT l BY weight_*', 'SET weight_1 2'],
  ['SORT l STORE d', 'GET d'],
  ['PUBLISH c m', 'SUBSCRIBE c'],
  ['PUBLISH c m', 'PSUBSCRIBE *'],
  ['PUBLISH c m', 'PUBLISH c n'],
  ['PUBSUB NUMSUB c', 'SUBSCRIBE c'],
  ['CONFIG SET maxmemory 1', 'CONFIG GET maxmemory'],
  ['COPY a b', 'SET a 1'],
  ['BITOP AND d a b', 'SETBIT b 0 1'],
] as const

const independent = [
  ['SET a 1', 'SET b 1'],
  ['GET a', 'GET a'],
  ['GET a', 'EXISTS a'],
  ['KEYS *', 'GET a'],
  ['DBSIZE', 'SCAN 0'],
  ['HSET h f 1', 'HSET h g 1'],
  ['HINCRBY h f 1', 'HGET h g'],
  ['HGETALL h', 'HLEN h'],
  ['SADD s a', 'SADD s b'],
  ['SADD s a', 'SREM s b'],
  ['ZADD z 1 a 2 b', 'ZSCORE z c'],
  ['ZINCRBY z 1 a', 'ZINCRBY z 1 b'],
  ['GEOADD g 1 2 a', 'GEODIST g b c'],
  ['EVAL script 1 a', 'EVAL script 1 b'],
  ['EVAL_RO script 1 a', 'GET a'],
  ['PING', 'FLUSHALL'],
  ['CLIENT SETNAME x', 'FLUSHALL'],
  ['SUBSCRIBE a', 'SUBSCRIBE b'],
  ['PUBLISH a m', 'PUBLISH b m'],
  ['PUBLISH a m', 'SUBSCRIBE b'],
  ['PUBLISH key m', 'SET key 1'],
  ['SCRIPT LOAD a', 'SCRIPT LOAD b'],
  ['ZUNIONSTORE d 2 a b', 'GET c'],
  ['MIGRATE host 1 k 0 10', 'GET KEYS'],
] as const

describe('commands of Redis', () => {
  test.each(conflicting)('%s conflicts with %s', (one, other) => {
    expect(conflict(one, other)).toBe(true)
  })

  test.each(independent)('%s and %s commute', (one, other) => {
    expect(conflict(one, other)).toBe(false)
  })

  test('insertions of members count as ordered once somebody looks at their order', () => {
    expect(conflict('SADD s a', 'SADD s b', true)).toBe(true)
    expect(footprint(['SMEMBERS', 's']).map(({ kind }) => kind)).toContain('list')
    expect(footprint(['SCARD', 's']).map(({ kind }) => kind)).not.toContain('list')
  })
})
