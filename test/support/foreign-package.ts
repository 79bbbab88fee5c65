/** A package as it comes: outside of the folders that are instrumented. */
import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'

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

/** What a server says, unless that takes too long: as drivers do it. */
export function ask(port: number, milliseconds: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error('the server does not answer'))
    }, milliseconds)
    socket.once('data', data => {
      clearTimeout(timer)
      socket.destroy()
      resolve(String(data))
    })
    socket.once('error', reject)
  })
}

const children: ChildProcess[] = []

/** A promise that a process settles, which takes its time. */
export const waitForChild = (): Promise<unknown> =>
  new Promise(resolve => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'])
    children.push(child)
    child.on('exit', resolve)
  })

export function killChildren(): void {
  for (const child of children.splice(0)) child.kill()
}
