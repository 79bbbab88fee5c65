/**
 * Globals of the language, of Node and of test frameworks: taken as unchanging. Any other name that a file does not
 * declare is a variable that somebody may assign.
 */
export const GLOBALS: ReadonlySet<string> = new Set(
  [
    'undefined NaN Infinity globalThis arguments eval Object Function Array String Number Boolean Symbol BigInt Math JSON',
    'Reflect Proxy Date RegExp Promise Map Set WeakMap WeakSet WeakRef FinalizationRegistry ArrayBuffer',
    'SharedArrayBuffer DataView Atomics Iterator Intl Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array',
    'Int32Array Uint32Array Float16Array Float32Array Float64Array BigInt64Array BigUint64Array Error TypeError',
    'RangeError SyntaxError ReferenceError EvalError URIError AggregateError SuppressedError DisposableStack',
    'AsyncDisposableStack Temporal WebAssembly parseInt parseFloat isNaN isFinite encodeURI encodeURIComponent',
    'decodeURI decodeURIComponent escape unescape',
    'process Buffer console require module exports __dirname __filename global setTimeout setInterval setImmediate',
    'clearTimeout clearInterval clearImmediate queueMicrotask structuredClone atob btoa fetch Headers Request Response',
    'FormData Blob File URL URLSearchParams URLPattern TextEncoder TextDecoder TextEncoderStream TextDecoderStream',
    'ReadableStream WritableStream TransformStream CompressionStream DecompressionStream AbortController AbortSignal',
    'Event EventTarget CustomEvent MessageChannel MessagePort MessageEvent BroadcastChannel WebSocket EventSource',
    'CloseEvent DOMException performance PerformanceObserver crypto Crypto CryptoKey SubtleCrypto navigator Navigator',
    'localStorage sessionStorage Storage window self document location history frames top parent Worker',
    'requestAnimationFrame cancelAnimationFrame requestIdleCallback cancelIdleCallback alert',
    'describe it test expect vi jest suite assert before after beforeEach afterEach beforeAll afterAll bench',
    'expectTypeOf assertType onTestFinished onTestFailed React',
  ].flatMap(line => line.split(' ')),
)
