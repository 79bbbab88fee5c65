/** What the detector itself needs of Node's file functions, as they were before anything replaced them. */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
export const fs = require('node:fs') as typeof import('node:fs')
export const promises = fs.promises

/** Files are being looked at that are none of the program's business. */
let depth = 0

/** Whether what happens to files now is to be overlooked. */
export const isOverlooking = (): boolean => depth > 0

/** Does `run` without any detector of files looking. */
export function overlooking<T>(run: () => T): T {
  depth++
  try {
    return run()
  } finally {
    depth--
  }
}

/** Node's functions call each other by way of `fs`, where the gates are. */
const overlooked = <F extends (...args: any[]) => any>(original: F): F =>
  ((...args: Parameters<F>) => overlooking(() => original(...args))) as F

export const lstatSync = overlooked(fs.lstatSync)
export const readlinkSync = overlooked(fs.readlinkSync)
export const readdirSync = overlooked(fs.readdirSync)
export const closeSync = overlooked(fs.closeSync)
export const fstatSync = overlooked(fs.fstatSync)
export const realpathSync = overlooked(fs.realpathSync)
export const readFileSync = overlooked(fs.readFileSync)
export const statSync = overlooked(fs.statSync)
export const { open: openHandle } = promises
