/** Added to Vitest's set-up files by the plugin, and put through Vite, so that `vitest` is the copy that is running. */
import { expect } from 'vitest'
import '../detect/gates.js'
import { toHoldInAllInterleavings } from './matchers.js'

expect.extend({ toHoldInAllInterleavings })
