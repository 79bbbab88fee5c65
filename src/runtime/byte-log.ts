/** What bytes of shared memory were before the steps of an execution that accessed them. */
export class ByteLog {
  private execution = 0
  /** By location: the execution that the entries are of, the steps in ascending order, and the value before each. */
  private readonly executions: number[] = []
  private readonly steps: number[][] = []
  private readonly values: number[][] = []
  /** The memory that was looked at last: mostly it is always the same. */
  private buffer: ArrayBufferLike | null = null
  private bytes: Uint8Array = new Uint8Array()

  /** An execution begins. */
  clear(): void {
    this.execution++
    this.buffer = null
  }

  /** The step is about to access this byte. */
  note(location: number, step: number, buffer: ArrayBufferLike, byte: number): void {
    if (this.buffer !== buffer) {
      this.buffer = buffer
      this.bytes = new Uint8Array(buffer)
    }
    if (this.executions[location] !== this.execution) {
      this.executions[location] = this.execution
      this.steps[location] = []
      this.values[location] = []
    }
    const steps = this.steps[location] as number[]
    if (steps[steps.length - 1] === step) return
    steps.push(step)
    ;(this.values[location] as number[]).push(this.bytes[byte] as number)
  }

  /** What the byte was before a step; undefined if that did not access it. */
  before(location: number, step: number): number | undefined {
    if (this.executions[location] !== this.execution) return undefined
    const at = (this.steps[location] as number[]).lastIndexOf(step)
    return at < 0 ? undefined : (this.values[location] as number[])[at]
  }
}
