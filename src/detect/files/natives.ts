/** What the detector itself needs of Node's file functions, as they were before anything replaced them. */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
export const fs = require('node:fs') as typeof import('node:fs')
export const promises = fs.promises
export const { lstatSync, readlinkSync, readdirSync, closeSync, fstatSync, realpathSync, readFileSync, statSync } = fs
export const { open: openHandle } = promises
