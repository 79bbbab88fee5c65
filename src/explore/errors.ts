/** Wrong use of frontrun, or a program it cannot explore: the message says what to do. */
export class FrontrunError extends Error {
  override name = 'FrontrunError'
  constructor(message: string, options?: ErrorOptions) {
    super(message.startsWith('frontrun: ') ? message : `frontrun: ${message}`, options)
  }
}
