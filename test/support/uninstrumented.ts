/** Outside of the folder that is instrumented. */
export async function uninstrumented(state: { x: number }): Promise<void> {
  state.x++
}

let count = 0
/** Different at every call, for reasons that no schedule decides. */
export const callsSoFar = (): number => count++

/** A promise that nothing settles. */
export const never = (): Promise<void> => new Promise(() => {})
