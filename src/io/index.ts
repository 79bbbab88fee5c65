/**
 * `frontrun/io`: what native code does to files and sockets, as the preload library sees it.
 */
export { IOEventDispatcher, type IOEventDispatcherOptions, type IOEventListener } from './dispatcher.js'
export type { IOEvent, IOEventKind } from './event.js'
export { type PreloadOptions, preloadEnvironment, preloadLibrary } from './library.js'
export { ProtocolError } from './protocol.js'
