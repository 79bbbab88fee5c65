import { FrontrunError } from '../explore/errors.js'
import { Step } from './step.js'

const VERSION = 'fr1m'

/** An order of markers as one short string: `fr1m:t1/read,t2/read`. */
export const encodeMarkers = (steps: readonly Step[]): string =>
  `${VERSION}:${steps.map(({ worker, marker }) => `${encodeURIComponent(worker)}/${encodeURIComponent(marker)}`).join(',')}`

/** Reads what `encodeMarkers` wrote, for workers of these names. Throws a FrontrunError that says why it does not fit. */
export function decodeMarkers(text: string, names: readonly string[]): Step[] {
  const [version, list, ...rest] = text.split(':')
  const parts = list === undefined || list === '' ? [] : list.split(',').map(part => part.split('/'))
  if (version !== VERSION || rest.length > 0 || parts.some(part => part.length !== 2)) {
    throw new FrontrunError(
      `'${text}' is not a replay string of markers; it should look like '${VERSION}:t1/read,t2/read'`,
    )
  }
  const steps = parts.map(
    ([worker = '', marker = '']) => new Step(decodeURIComponent(worker), decodeURIComponent(marker)),
  )
  const stranger = steps.find(({ worker }) => !names.includes(worker))
  if (stranger === undefined) return steps
  throw new FrontrunError(
    `the replay string was made for another program: it has a worker '${stranger.worker}', but here there are ${names.join(', ')}`,
  )
}
