import { Schedule, Step } from 'frontrun'

/** `t1:read t2:read` as a schedule. */
export function scheduleOf(text: string): Schedule {
  return new Schedule(
    text.split(' ').map(step => {
      const [worker, marker] = step.split(':')
      return new Step(worker, marker)
    }),
  )
}

/** What a promise is rejected with. */
export async function rejection(promise: PromiseLike<unknown>): Promise<Error & Record<string, any>> {
  try {
    await promise
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}
