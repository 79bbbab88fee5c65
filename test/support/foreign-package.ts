/** A package as it comes: outside of the folders that are instrumented. */

/** A library's own sleep. */
export const sleep = (milliseconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, milliseconds))

/** Goes on after an await, where nobody sees it. */
export async function twoSteps<T>(value: T): Promise<T> {
  await null
  return value
}

/** Calls back from the event loop, and returns nothing. */
export function callLater(callback: () => void): void {
  void Promise.resolve().then(callback)
}

export function callAfter(milliseconds: number, callback: () => void): void {
  setTimeout(callback, milliseconds)
}

/** Sets a timer in the timer's callback, and so on: as polling does. */
export function afterTimers(count: number, callback: () => void): void {
  if (count === 0) callback()
  else setTimeout(() => afterTimers(count - 1, callback), 1)
}

/** What it is given is looked at through and through. */
export const summarize = (value: { items: { price: number }[] }): number =>
  value.items.reduce((sum, { price }) => sum + price, 0)

/** Keeps its state where nobody else can see it. */
export class Store {
  #value = 0
  get(): number {
    return this.#value
  }
  set(value: number): void {
    this.#value = value
  }
}
