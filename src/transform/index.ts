export { type Instrumented, type InstrumentOptions, instrument } from './instrument.js'
export type { RawSourceMap } from './source-map.js'
