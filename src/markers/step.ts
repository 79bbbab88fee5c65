/**
 * One step of a schedule: this worker passes this marker.
 *
 * @throws TypeError unless both names are strings that are not empty
 * @example new Step('t1', 'read_balance')
 */
export class Step {
  constructor(
    readonly worker: string,
    readonly marker: string,
  ) {
    for (const [what, name] of Object.entries({ worker, marker })) {
      if (typeof name === 'string' && name !== '') continue
      throw new TypeError(`frontrun: Step: the ${what} must be a name, not ${JSON.stringify(name)}`)
    }
  }

  /** `(t1, read_balance)` */
  toString(): string {
    return `(${this.worker}, ${this.marker})`
  }
}
