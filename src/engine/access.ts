/**
 * An access is one integer, `location * 8 + kind`: footprints are compared, sorted and hashed millions of times.
 * Locations are numbered by the caller and stay below 2^28.
 */
export const READ = 0
export const WRITE = 1
/** An update that commutes with others of its kind, such as adding to a set. */
export const UPDATE = 2
/** A lock or the like was taken. To the search it is a write; stories tell it from others. */
export const ACQUIRE = 3
/** A lock or the like was given back: a write as well. */
export const RELEASE = 4

export type AccessKind = typeof READ | typeof WRITE | typeof UPDATE | typeof ACQUIRE | typeof RELEASE

export function kindOf(access: number): AccessKind {
  return (access & 7) as AccessKind
}

/** READ–READ and UPDATE–UPDATE commute; everything else on one location conflicts. */
export function kindsConflict(a: number, b: number): boolean {
  return a !== b || (a !== READ && a !== UPDATE)
}

function accessesConflict(a: number, b: number): boolean {
  return a >>> 3 === b >>> 3 && kindsConflict(a & 7, b & 7)
}

/** Both footprints must be canonical (see `canonicalFootprint`): they are merged, not multiplied. */
export function footprintsConflict(a: readonly number[], b: readonly number[]): boolean {
  if (a.length === 1 && b.length === 1) return accessesConflict(a[0], b[0])
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    const difference = (a[i] >>> 3) - (b[j] >>> 3)
    if (difference < 0) i++
    else if (difference > 0) j++
    else if (kindsConflict(a[i] & 7, b[j] & 7)) return true
    // A location is listed twice only for a lock (ACQUIRE and RELEASE).
    else if (i + 1 < a.length && a[i + 1] >>> 3 === a[i] >>> 3) i++
    else j++
  }
  return false
}

/** Footprints of a single access, by access: most steps of threads have one, and sharing them spares millions of arrays. */
const singletons: (readonly number[])[] = []
const SHARED_SINGLETONS = 1 << 16

/** A copy in ascending order; equal footprints have equal canonical forms. */
export function canonicalFootprint(accesses: readonly number[]): readonly number[] {
  if (accesses.length === 1 && accesses[0] < SHARED_SINGLETONS) {
    const access = accesses[0]
    while (singletons.length <= access) singletons.push([singletons.length])
    return singletons[access]
  }
  const copy = accesses.slice()
  if (copy.length > 1) copy.sort(ascending)
  return copy
}

/** Whether a canonical footprint lists the same accesses as one in any order. */
export function sameFootprint(canonical: readonly number[], accesses: readonly number[]): boolean {
  if (canonical.length !== accesses.length) return false
  for (let i = 0; i < canonical.length; i++) {
    if (canonical[i] !== accesses[i]) return sameElements(canonical, canonicalFootprint(accesses))
  }
  return true
}

/**
 * One access for two of the same location by one step: READ + WRITE and READ + UPDATE are a WRITE.
 * ACQUIRE and RELEASE of one lock are kept side by side instead.
 */
function joinKinds(a: AccessKind, b: AccessKind): AccessKind {
  return a === b ? a : WRITE
}

/** Adds an access to a footprint under construction. */
export function addAccess(footprint: number[], access: number): void {
  for (let i = 0; i < footprint.length; i++) {
    if (footprint[i] === access) return
    if (footprint[i] >>> 3 === access >>> 3) {
      const a = kindOf(footprint[i])
      const b = kindOf(access)
      if (isLockKind(a) || isLockKind(b)) continue
      footprint[i] = (access & ~7) | joinKinds(a, b)
      return
    }
  }
  footprint.push(access)
}

function isLockKind(kind: number): boolean {
  return kind === ACQUIRE || kind === RELEASE
}

function ascending(a: number, b: number): number {
  return a - b
}

function sameElements(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
