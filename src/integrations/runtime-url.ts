/** The runtime that belongs to this copy of frontrun, as every adapter names it: there must be one, loaded once. */
export const runtimeUrl = new URL('../runtime/index.js', import.meta.url).href
