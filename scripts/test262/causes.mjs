/**
 * Why an outcome differs from the native one, where that is a documented limit (docs/limits.md). Each cause is recognised
 * by what the test does or how it failed, not by where it lies. A difference without a cause is a defect of frontrun.
 *
 * @typedef {{ native: string | null, inactive: string | null, explored: string | null }} Outcome
 */
const REPLACES = [
  /\b(?:Array|Object|Function|Promise|Map|Set|ArrayIteratorPrototype|ArrayIteratorProto\w*)\.prototype(?:\.\w+|\[[^\]]+\])\s*=[^=]/,
  /\bdefineProperty\(\s*(?:Array|Object|Function|Promise|Map|Set)\.prototype\s*,/,
  /\bdelete (?:Array|Object|Function|Promise|Map|Set)\.prototype\b/,
  /\b(?:Array|Object|Function|Promise|Map|Set|ArrayIteratorPrototype)\w*\.prototype\[Symbol\.\w+\]/,
  /%?ArrayIteratorPrototype%?/,
  // To see whether it is configurable, the harness deletes it.
  /verifyProperty\(\s*(?:ArrayIteratorProto|GeneratorPrototype|IteratorPrototype)\b/,
]

/** @type {{ name: string, text: string, way?: string, explains(outcome: Outcome, source: string): boolean }[]} */
const CAUSES = [
  {
    name: 'replaced built-ins',
    text: 'the test replaces or deletes methods of the language (of arrays, objects, iterators) which the runtime works with itself',
    explains: ({ native, inactive, explored }, source) =>
      native === null && inactive === null && explored !== null && REPLACES.some(pattern => pattern.test(source)),
  },
  {
    name: 'function.caller',
    text: 'the test asks for the `caller` of a sloppy function: coroutines are called by the runtime',
    explains: ({ native, inactive, explored }, source) =>
      native === null && inactive === null && explored !== null && /\.caller\b/.test(source),
  },
  {
    name: 'promise.constructor',
    text: 'the test counts how often a promise is asked for its `constructor`: the runtime asks, too',
    explains: ({ native, inactive, explored }, source) =>
      native === null &&
      inactive === null &&
      explored !== null &&
      /defineProperty\([\w.]+,\s*['"]constructor['"]/.test(source),
  },
  {
    name: 'nearer to the standard',
    text: 'the engine does not evaluate in the order of the standard; the coroutine form does (`o[k] += v` converts the key once)',
    explains: ({ native, inactive, explored }) => native !== null && inactive !== null && explored === null,
  },
]

/** The differences of one result: the way, and its cause if there is one. */
export function differencesOf(result, source) {
  const same = way => (result.native === null) === (result[way] === null)
  const ways = ['inactive', 'explored'].filter(way => !same(way))
  if (ways.length === 0) return []
  const cause = CAUSES.find(each => each.explains(result, source))
  return ways.map(way => ({ way, cause: cause?.name, text: cause?.text, ours: result[way] ?? 'passes' }))
}
