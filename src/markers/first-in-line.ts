import type { Strategy } from '../engine/index.js'

/** For executions that markers drive: there is only one task to choose. */
export const firstInLine: Strategy = {
  begin: () => true,
  choose: enabled => enabled[0] as number,
  executed: () => {},
  end: () => {},
}
