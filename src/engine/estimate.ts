/**
 * About how many executions are left, from the path the search is on: every alternative of a state counts for as much as its
 * siblings (D. E. Knuth, "Estimating the Efficiency of Backtrack Programs", 1975), and only those known so far count.
 * Low at first, since alternatives are still being found.
 */
export function estimateRest(
  executions: number,
  depth: number,
  done: (depth: number) => number,
  pending: (depth: number) => number,
): number | undefined {
  if (executions === 0) return undefined
  let share = 1
  let covered = 0
  for (let i = 0; i <= depth; i++) {
    const all = done(i) + pending(i)
    if (all === 0) continue
    covered += (share * done(i)) / all
    share /= all
  }
  return covered === 0 ? undefined : Math.round(executions / covered - executions)
}
