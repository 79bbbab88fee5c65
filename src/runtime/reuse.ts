export { cut } from '../engine/reuse.js'
