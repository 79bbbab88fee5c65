import { mix } from '../trace-hash.js'

/** Pseudo-random numbers: C. Doty-Humphrey's sfc32 (PractRand). The same seeds give the same numbers on every platform. */
export class Generator {
  #a = 0
  #b = 0
  #c = 0
  #counter = 0

  /** Begins the sequence of one execution; neighbouring numbers give unrelated sequences. */
  reset(seed: number, execution: number): void {
    const high = Math.floor(seed / 2 ** 32) | 0
    this.#a = mix(mix(mix(0x9e3779b9, seed | 0), high), execution)
    this.#b = mix(mix(mix(0x7f4a7c15, execution), seed | 0), high)
    this.#c = mix(this.#a, fractionOf(seed))
    this.#counter = 1
    for (let i = 0; i < 12; i++) this.next()
  }

  /** A whole number from 0 to 2^32 − 1. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    return sum >>> 0
  }

  /** A whole number from 0 to `count` − 1. */
  below(count: number): number {
    return Math.floor((this.next() / 2 ** 32) * count)
  }

  shuffle(items: number[]): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1)
      const item = items[i]
      items[i] = items[j]
      items[j] = item
    }
  }

  /** One of `items`, each with a probability in proportion to its weight; all weights are 0 or more, and not all 0. */
  weighted(items: readonly number[], weight: (item: number) => number): number {
    let total = 0
    for (const item of items) total += weight(item)
    let left = this.below(total)
    for (const item of items) {
      left -= weight(item)
      if (left < 0) return item
    }
    return items[items.length - 1]
  }
}

/** Seeds that differ behind the point only must differ, too. */
function fractionOf(seed: number): number {
  return Number.isInteger(seed) ? 0 : Math.floor((seed - Math.floor(seed)) * 2 ** 32) | 0
}
