import { Pct } from './pct.js'
import type { Policy } from './policy.js'
import { Portfolio } from './portfolio.js'
import { Pos } from './pos.js'
import type { Profile } from './profile.js'
import { RandomSearch, type RandomSearchOptions } from './random-search.js'
import { Rounds } from './rounds.js'
import { Surw } from './surw.js'
import { Urw } from './urw.js'
import { Walk } from './walk.js'

export const RANDOM_STRATEGIES = ['random', 'walk', 'pct', 'pos', 'urw', 'surw', 'portfolio'] as const

const DEFAULT_DEPTH = 3
/** Length of the schedules of fair rounds where none is given. */
const DEFAULT_OPS = 300

/**
 * Makes the random search of this name. `pct` takes a depth after a colon, as in `'pct:3'`, which is the default.
 *
 * @throws TypeError for any other name, naming the valid ones
 */
export function randomSearch(strategy: string, options: RandomSearchOptions = {}): RandomSearch {
  return new RandomSearch(policyOf(strategy, options.maxOps ?? DEFAULT_OPS), options)
}

function policyOf(strategy: string, maxOps: number): (profile: Profile) => Policy {
  const match = /^(\w+)(?::(\d+))?$/.exec(strategy)
  const depth = match?.[2] === undefined ? DEFAULT_DEPTH : Number(match[2])
  if (match !== null && (match[2] === undefined || (match[1] === 'pct' && depth >= 1))) {
    switch (match[1]) {
      case 'random':
        return () => new Rounds(maxOps)
      case 'walk':
        return () => new Walk()
      case 'pct':
        return profile => new Pct(depth, profile)
      case 'pos':
        return profile => new Pos(profile)
      case 'urw':
        return profile => new Urw(profile)
      case 'surw':
        return profile => new Surw(profile)
      case 'portfolio':
        return profile => new Portfolio(profile)
    }
  }
  throw new TypeError(
    `frontrun: unknown strategy '${strategy}'. Use one of ${RANDOM_STRATEGIES.map(name => `'${name}'`).join(', ')}; ` +
      `pct takes the depth of the bugs it looks for, as in 'pct:3'.`,
  )
}
