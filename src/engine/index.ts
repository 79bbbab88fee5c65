export * from './access.js'
export { BoundedSearch } from './bounded-search.js'
export { NondeterminismError } from './errors.js'
export { HashSet } from './hash-set.js'
export { OptimalDpor } from './optimal-dpor.js'
export { RandomSearch, type RandomSearchOptions } from './random/random-search.js'
export { RANDOM_STRATEGIES, randomSearch } from './random/strategies.js'
export { SEARCH_ORDERS, type SearchOrder, searchOrder } from './search-order.js'
export { SourceDpor } from './source-dpor.js'
export {
  type Attempt,
  type Guard,
  type PendingOperation,
  type SearchStatistics,
  STOP,
  type Strategy,
  type Upcoming,
} from './strategy.js'
export { TraceHash } from './trace-hash.js'
