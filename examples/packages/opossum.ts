// opossum 4.2.0: a circuit breaker that two failures at the same time leave open for ever (its issue 385); 4.2.1 is fixed.
//
// The first failure opens the circuit and starts the timer that will let a request through again. The second failure,
// of a request that was already under way, opens it once more: that stops the timer, and as the circuit is open
// already, no new timer is started.
//
// Run: frontrun node examples/packages/opossum.ts
import { exploreDpor } from 'frontrun'
import FixedCircuitBreaker from 'opossum-fixed'
import RacyCircuitBreaker from 'opossum-racy'

async function callService(): Promise<never> {
  throw new Error('the service is down')
}

function explore(CircuitBreaker: typeof RacyCircuitBreaker) {
  return exploreDpor({
    setup: () => {
      const breaker = new CircuitBreaker(callService, {
        errorThresholdPercentage: 1,
        timeout: 1000,
        resetTimeout: 5000,
      })
      breaker.status.shutdown() // the intervals that rotate its statistics have no part in this
      return breaker
    },
    tasks: { alice: breaker => breaker.fire().catch(() => {}), bob: breaker => breaker.fire().catch(() => {}) },
    invariant: breaker => !breaker.opened, // the reset timer has run by now: the circuit is half open
    clock: 'virtual', // the service fails at once, so its time-out is not what we ask about
    tracePackages: ['opossum-racy', 'opossum-fixed'],
  })
}

const racy = await explore(RacyCircuitBreaker)
console.log(`opossum 4.2.0\n\n${racy.explanation}`)

const fixed = await explore(FixedCircuitBreaker)
console.log(`opossum 4.2.1\n\n${fixed.explanation ?? `Holds in all ${fixed.numExplored} interleavings.`}`)

process.exitCode = !racy.propertyHolds && fixed.propertyHolds && fixed.exhaustive ? 0 : 1
