export let count = 0
export { level } from './live-level.js'
export { count as total, count as default }

export let step = (): string => 'first'

export function bump(): void {
  count++
}

export function replace(): void {
  step = () => 'second'
}

export function reset(): void {
  count = 0
  step = () => 'first'
}
