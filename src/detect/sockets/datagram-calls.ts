/** The forms that `send` of a datagram socket takes. */

export interface Sending {
  /** Undefined: to where the socket is connected. */
  readonly port?: number
  readonly host?: string
  readonly callback: Function | null
  /** The arguments with another callback. */
  withCallback(callback: Function): unknown[]
}

/** By Node's own rules; what it refuses, it refuses later. */
export function sendingOf(args: readonly unknown[], isConnected: boolean): Sending {
  const index = args.findIndex(argument => typeof argument === 'function')
  const callback = index < 0 ? null : (args[index] as Function)
  const [, offset, length, port, address] = args
  const isPart = isConnected
    ? typeof length === 'number'
    : Boolean(address) || (Boolean(port) && typeof port !== 'function')
  const last = isConnected ? (isPart ? 3 : 1) : isPart ? 5 : 3
  const withCallback = (other: Function): unknown[] => {
    const result = [...args]
    while (result.length < last) result.push(undefined)
    result[index < 0 ? last : index] = other
    return result
  }
  if (isConnected) return { callback, withCallback }
  const host = isPart ? address : length
  return {
    port: Number(isPart ? port : offset),
    ...(typeof host === 'string' && host !== '' ? { host } : {}),
    callback,
    withCallback,
  }
}
