import { instrument } from '../../../dist/transform/index.js'

let count = 0

/** Instruments and evaluates the text of a CommonJS module, which may be sloppy. Returns its exports. */
export function evaluateModule(source: string): Record<string, unknown> {
  const exports: Record<string, unknown> = {}
  const { code } = instrument(source, `evaluated-${count++}.cjs`, { format: 'commonjs' })
  new Function('exports', code)(exports)
  return exports
}
