/** Which file a function was made in: asked of V8's inspector, since functions don't tell. */
import { readFileSync } from 'node:fs'
import inspector from 'node:inspector'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Location {
  scriptId: string
}

const ASKED = Symbol('frontrun: asked about')

/** The path of the file; undefined if there is none, or it can't be found out. */
export function fileOf(target: Function): string | undefined {
  const session = new inspector.Session()
  try {
    session.connect()
    const urls = new Map<string, string>()
    session.on('Debugger.scriptParsed', ({ params }) => void urls.set(params.scriptId, params.url))
    const location = locate(session, target)
    if (location === undefined) return undefined
    session.post('Debugger.enable')
    const url = urls.get(location.scriptId)
    if (url === undefined || url === '') return undefined
    return url.startsWith('file:') ? fileURLToPath(url) : url
  } catch {
    return undefined
  } finally {
    session.disconnect()
  }
}

function locate(session: inspector.Session, target: Function): Location | undefined {
  const holder = globalThis as { [ASKED]?: Function }
  let found: Location | undefined
  Reflect.set(globalThis, Symbol.for(ASKED.description as string), target)
  try {
    const expression = `globalThis[Symbol.for(${JSON.stringify(ASKED.description)})]`
    session.post('Runtime.evaluate', { expression }, (_, evaluated) => {
      const { objectId } = evaluated.result
      if (objectId === undefined) return
      session.post('Runtime.getProperties', { objectId, ownProperties: true }, (__, { internalProperties = [] }) => {
        const { value } = internalProperties.find(({ name }) => name === '[[FunctionLocation]]') ?? {}
        found = value?.value as Location | undefined
      })
    })
  } finally {
    Reflect.deleteProperty(holder, Symbol.for(ASKED.description as string))
  }
  return found
}

/** The name in the `package.json` that a file belongs to: the folder may have another, by an alias. */
export function packageNameOf(path: string): string | undefined {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    try {
      const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: unknown }
      // One with no name only says which kind of modules a folder has.
      if (typeof name === 'string') return name
    } catch {}
    if (dirname(folder) === folder) return undefined
  }
}
