import { nearestName } from '../explore/nearest-name.js'
import { runtime } from '../runtime/index.js'
import { markerLines } from '../transform/markers.js'
import { languageOf, parse } from '../transform/parse.js'
import { LineTable } from '../transform/source-map.js'

/** Where a marker's comment stands. */
export interface MarkerPlace {
  file: string
  /** From 1. */
  line: number
}

/**
 * The trace markers of source files: their names, and where each stands.
 *
 * @example
 * MarkerRegistry.of('x() // frontrun: read', 'a.js').places('read') // [{ file: 'a.js', line: 1 }]
 */
export class MarkerRegistry {
  readonly #places = new Map<string, MarkerPlace[]>()

  /** The markers of one source text. `file` tells its language by the extension. */
  static of(source: string, file: string): MarkerRegistry {
    const registry = new MarkerRegistry()
    registry.#add(file, markerLines(parse(source, file, languageOf(file)), new LineTable(source)))
    return registry
  }

  /** The markers of all instrumented files that this process has loaded so far. */
  static loaded(): MarkerRegistry {
    const registry = new MarkerRegistry()
    for (const { id, markers } of runtime.sites.files) if (markers !== undefined) registry.#add(id, markers)
    return registry
  }

  #add(file: string, markers: Readonly<Record<string, readonly number[]>>): void {
    for (const [name, lines] of Object.entries(markers)) {
      const places = this.#places.get(name) ?? []
      places.push(...lines.map(line => ({ file, line })))
      this.#places.set(name, places)
    }
  }

  get names(): string[] {
    return [...this.#places.keys()]
  }

  has(name: string): boolean {
    return this.#places.has(name)
  }

  /** Where a marker stands; several places if its name is used several times. */
  places(name: string): readonly MarkerPlace[] {
    return this.#places.get(name) ?? []
  }

  /** The existing name that is most like `name`; undefined if there is none. */
  nearest(name: string): string | undefined {
    return nearestName(name, this.names)
  }
}
