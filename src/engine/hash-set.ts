/** A set of 64-bit hashes, 16 to 32 bytes each: open addressing in one typed array, no objects. */
export class HashSet {
  size = 0
  #slots = new Int32Array(2 * 1024)

  /** False if the hash was there already. */
  add(low: number, high: number): boolean {
    if (this.size * 4 > this.#slots.length) this.#grow()
    // Two zeros mark a free slot.
    const added = insert(this.#slots, low | 0, high | 0 || 1)
    if (added) this.size++
    return added
  }

  #grow(): void {
    const old = this.#slots
    this.#slots = new Int32Array(old.length * 2)
    for (let i = 0; i < old.length; i += 2)
      if (old[i] !== 0 || old[i + 1] !== 0) insert(this.#slots, old[i], old[i + 1])
  }
}

function insert(slots: Int32Array, low: number, high: number): boolean {
  const mask = slots.length / 2 - 1
  for (let i = (low ^ (high >>> 7)) & mask; ; i = (i + 1) & mask) {
    if (slots[2 * i] === low && slots[2 * i + 1] === high) return false
    if (slots[2 * i] === 0 && slots[2 * i + 1] === 0) {
      slots[2 * i] = low
      slots[2 * i + 1] = high
      return true
    }
  }
}
