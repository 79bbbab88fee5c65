export const RANDOM_RUNS: number
