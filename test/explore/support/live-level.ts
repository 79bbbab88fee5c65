export let level = 10

export function raise(): void {
  level++
}

export function reset(): void {
  level = 10
}
