import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { classifyConflict, condenseTrace, TraceRecorder } from '../../src/explain/index.js'
import { type Operation, run } from './program.js'

/** A task increments variables one after the other or all at once (first all reads, then all writes). */
const increments = fc
  .record({ variables: fc.array(fc.constantFrom('x', 'y'), { minLength: 1, maxLength: 3 }), together: fc.boolean() })
  .map(({ variables, together }): Operation[] => {
    const chosen = together ? [...new Set(variables)] : variables
    const reads = chosen.map((variable): Operation => ({ kind: 'read', variable }))
    const writes = chosen.map((variable): Operation => ({ kind: 'write', variable }))
    return together ? [...reads, ...writes] : reads.flatMap((read, i) => [read, writes[i]])
  })
const programs = fc.array(increments, { minLength: 2, maxLength: 4 })
const interleaved = programs.chain(chosen => {
  const all = chosen.flatMap((operations, task) => operations.map(() => task))
  return fc.tuple(fc.constant(chosen), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }))
})

test('lost update is claimed exactly when an update is lost', () => {
  const seen = { true: 0, false: 0 }
  fc.assert(
    fc.property(interleaved, ([chosen, schedule]) => {
      const { trace, lost } = run(chosen, schedule)
      seen[`${lost}`]++
      expect(classifyConflict(trace).pattern === 'lost-update').toBe(lost)
    }),
    { numRuns: 2000 },
  )
  expect(Math.min(seen.true, seen.false)).toBeGreaterThan(100)
})

test('a serial order is never called lost update, check-then-act or stale read', () => {
  fc.assert(
    fc.property(programs, fc.infiniteStream(fc.nat()), (chosen, random) => {
      const order = chosen
        .map((_, task) => ({ task, key: random.next().value as number }))
        .sort((a, b) => a.key - b.key)
      const { trace } = run(
        chosen,
        order.flatMap(({ task }) => chosen[task].map(() => task)),
      )
      expect(classifyConflict(trace).pattern).toBe('unknown')
    }),
    { numRuns: 500 },
  )
})

test('the accesses of a lost update are its reads before its writes', () => {
  fc.assert(
    fc.property(interleaved, ([chosen, schedule]) => {
      const { trace } = run(chosen, schedule)
      const { pattern, accesses, location } = classifyConflict(trace)
      if (pattern !== 'lost-update') return
      const told = accesses.map(a => trace.steps[a.step].accesses[a.access])
      expect(told.every(a => a.name === location)).toBe(true)
      const kinds = told.map(a => a.kind).join(' ')
      expect(kinds).toMatch(/^(read )+(write ?)+$/)
    }),
    { numRuns: 500 },
  )
})

test('lines are told in the order of execution, whatever is left out', () => {
  fc.assert(
    fc.property(interleaved, fc.integer({ min: 3, max: 12 }), ([chosen, schedule], maxLines) => {
      const { trace } = run(chosen, schedule)
      const conflict = classifyConflict(trace)
      const lines = condenseTrace(trace, conflict, { maxLines })
      expect(lines.length).toBeLessThanOrEqual(maxLines)
      // Each access has a line number of its own, in the order of execution.
      const told = lines.flatMap(l => (l.type === 'accesses' ? l.accesses.map(a => a.site?.line as number) : []))
      expect(told).toEqual([...told].sort((a, b) => a - b))
      const shown = new Set(told)
      if (maxLines >= 12) for (const a of conflict.accesses) expect(shown.has(a.step + 1)).toBe(true)
    }),
    { numRuns: 500 },
  )
})

const anyAccess = fc.record({
  kind: fc.constantFrom('read', 'write', 'update'),
  name: fc.constantFrom('s.x', 's.y', 's.list.length', "m.get('k')"),
  value: fc.constantFrom(undefined, null, true, false, 0, 1, {}),
})
const anyTask = fc.array(fc.array(anyAccess, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 })

test('one task after the other: nothing is claimed that needs them to overlap', () => {
  fc.assert(
    fc.property(fc.array(anyTask, { minLength: 1, maxLength: 4 }), tasks => {
      const recorder = new TraceRecorder()
      tasks.forEach((steps, task) => {
        for (const accesses of steps) {
          recorder.step(task)
          for (const { kind, name, value } of accesses) recorder.access(kind as 'read', name, { value })
        }
      })
      expect(['unknown', 'write-write', 'order-violation']).toContain(classifyConflict(recorder.trace()).pattern)
    }),
    { numRuns: 1000 },
  )
})
