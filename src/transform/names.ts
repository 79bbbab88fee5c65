/** The names generated code uses: none of them occurs in the file. */
export interface Names {
  /** What all start with, `$` if the file allows it. */
  prefix: string
  runtime: string
  at: string
  arguments: string
  newTarget: string
  super: string
  init: string
}

/** The string that instrumented functions end with, whatever the other names are. */
export const MARK = '"$fr"'

export function chooseNames(source: string): Names {
  let prefix = '$'
  for (let n = 0; taken(source, prefix); n++) prefix = `$_${n || ''}_`
  return {
    prefix,
    runtime: `${prefix}fr`,
    at: `${prefix}at`,
    arguments: `${prefix}args`,
    newTarget: `${prefix}nt`,
    super: `${prefix}super`,
    init: `${prefix}init`,
  }
}

function taken(source: string, prefix: string): boolean {
  return new RegExp(
    `(?<![\\w$])${prefix.replaceAll('$', '\\$')}(?:fr|at|args|nt|super|init|g|n|[impv]?\\d+)(?![\\w$])`,
  ).test(source)
}
