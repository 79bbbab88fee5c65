/** The candidate that is most like `name`, differing in at most `most` letters; undefined if there is none. */
export function nearestName(
  name: string,
  candidates: readonly string[],
  most = Number.POSITIVE_INFINITY,
): string | undefined {
  let nearest: string | undefined
  let least = most
  for (const candidate of candidates) {
    const apart = distance(candidate.toLowerCase(), name.toLowerCase())
    if (apart > least || (apart === least && nearest !== undefined)) continue
    nearest = candidate
    least = apart
  }
  return nearest
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(
        (row[j] as number) + 1,
        (next[j - 1] as number) + 1,
        (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1),
      )
    }
    row = next
  }
  return row[b.length] as number
}
