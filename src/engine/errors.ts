/**
 * A replayed prefix behaved differently: the program does something that neither the schedule nor the seed decides.
 * `actual` is undefined when the task could not run at all.
 */
export class NondeterminismError extends Error {
  override readonly name = 'NondeterminismError'

  constructor(
    /** Index of the first step that differs. */
    readonly step: number,
    readonly task: number,
    readonly expected: readonly number[],
    readonly actual: readonly number[] | undefined,
    /** What is known to have been different from the start, in words. */
    readonly because?: string,
  ) {
    super(
      `frontrun: step ${step} (task ${task}) differs from the run before it: ` +
        (because ??
          (actual ? `it accessed [${actual}] instead of [${expected}].` : `the task could not run this time.`)),
    )
  }
}
