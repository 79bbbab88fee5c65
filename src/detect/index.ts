/** Which operations of the outside world an exploration looks at. */
import './gates.js'
import type { CheckedOptions } from '../explore/options.js'
import type { Detector } from '../runtime/session.js'
import { detectBackground } from './background/detector.js'
import { detectFiles } from './files/detector.js'
import { detectHttp } from './http/detector.js'
import { detectNative } from './native/detector.js'
import { detectRedis } from './redis/detector.js'
import { detectSockets } from './sockets/detector.js'

/** The detectors that an exploration asks for; a finer one is installed after the coarser ones that it silences. */
export function detectorsFor(options: Pick<CheckedOptions, 'detectIo' | 'detectRedis'>): Detector[] {
  return [
    ...(options.detectIo ? [detectBackground, detectFiles, detectSockets, detectHttp, detectNative] : []),
    ...(options.detectRedis ? [detectRedis] : []),
  ]
}
