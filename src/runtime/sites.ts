/** What the prelude of an instrumented file hands over. */
export interface FileDescription {
  id: string
  functions: string[]
  /** line, column, function index; for each site. */
  sites: number[]
  /** Source text of what is called, by site. */
  texts: Record<string, string>
  /** Getters, setters or proxies may be made in it. */
  accessors?: boolean
  /** Exported variables that are assigned, by exported name: their scope, local name and value. */
  live?: Record<string, readonly [scope: () => unknown, name: string, value: () => unknown]>
  /** Lines of the file's trace markers, by name; left out if there are none. */
  markers?: Record<string, number[]>
  /** The module's top-level bindings. */
  roots: () => Record<string, unknown>
  /** The file as it is without instrumentation and types. */
  text?: () => string
  /** Where each instrumented function stands in that: site, start, end. */
  spans?: number[]
}

export interface Site {
  file: string
  line: number
  column: number
  functionName: string
}

const SITES_PER_FILE = 0x10000

export class Sites {
  readonly files: FileDescription[] = []

  add(file: FileDescription): number {
    return (this.files.push(file) - 1) * SITES_PER_FILE + 1
  }

  describe(site: number): Site | undefined {
    const file = this.files[Math.floor((site - 1) / SITES_PER_FILE)]
    if (site <= 0 || file === undefined) return undefined
    const at = ((site - 1) % SITES_PER_FILE) * 3
    const line = file.sites[at]
    if (line === undefined) return undefined
    return {
      file: file.id,
      line,
      column: file.sites[at + 1] ?? 1,
      functionName: file.functions[file.sites[at + 2] ?? 0] ?? '<anonymous>',
    }
  }

  /** The text of the function whose own site this is. */
  functionText(site: number): string | undefined {
    const file = this.files[Math.floor((site - 1) / SITES_PER_FILE)]
    if (site <= 0 || file?.text === undefined || file.spans === undefined) return undefined
    const number = (site - 1) % SITES_PER_FILE
    for (let at = 0; at < file.spans.length; at += 3)
      if (file.spans[at] === number) return file.text().slice(file.spans[at + 1], file.spans[at + 2])
    return undefined
  }

  /** Source text of the callee at a call site. */
  text(site: number): string {
    const file = this.files[Math.floor((site - 1) / SITES_PER_FILE)]
    return file?.texts[String((site - 1) % SITES_PER_FILE)] ?? 'expression'
  }
}
