// limiter 3.0.0 lets three requests through in a second whose limit is two; 4.0.0 is fixed.
//
// RateLimiter.removeTokens compares the request with tokensThisInterval, awaits the token bucket, and only then adds to
// tokensThisInterval. A request that is checked while another one waits sees the old count. The bucket alone doesn't
// stop it, because tokens drip into it all the time: it delays the request by half a second, not to the next interval.
//
// Run: frontrun node examples/packages/limiter.ts
import { exploreDpor } from 'frontrun'
import { RateLimiter as FixedRateLimiter } from 'limiter-fixed'
import { RateLimiter as RacyRateLimiter } from 'limiter-racy'

const limit = 2
const interval = 1000

class Client {
  readonly start = performance.now()
  readonly sent: { requests: number; at: number }[] = []
  readonly limiter: Pick<RacyRateLimiter, 'removeTokens'>

  constructor(limiter: Pick<RacyRateLimiter, 'removeTokens'>) {
    this.limiter = limiter
  }

  async send(requests: number): Promise<void> {
    await this.limiter.removeTokens(requests)
    this.sent.push({ requests, at: Math.round(performance.now() - this.start) })
  }

  sentInFirstInterval(): number {
    return this.sent.filter(({ at }) => at < interval).reduce((sum, { requests }) => sum + requests, 0)
  }
}

function explore(RateLimiter: typeof RacyRateLimiter | typeof FixedRateLimiter) {
  return exploreDpor({
    setup: () => new Client(new RateLimiter({ tokensPerInterval: limit, interval })),
    tasks: { alice: client => client.send(1), bob: client => client.send(2) },
    invariant: client => client.sentInFirstInterval() <= limit,
    tracePackages: ['limiter-racy', 'limiter-fixed'],
  })
}

const racy = await explore(RacyRateLimiter)
console.log(`limiter 3.0.0\n\n${racy.explanation}`)

const fixed = await explore(FixedRateLimiter)
console.log(`limiter 4.0.0\n\n${fixed.explanation ?? `Holds in all ${fixed.numExplored} interleavings.`}`)

process.exitCode = !racy.propertyHolds && fixed.propertyHolds && fixed.exhaustive ? 0 : 1
