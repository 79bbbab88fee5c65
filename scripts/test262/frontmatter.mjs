/** What the comment at the top of a test says. The suite uses a small part of YAML: scalars, `[a, b]` and `- a` lists. */
const COMMENT = /\/\*---\r?\n?([\s\S]*?)---\*\//

/**
 * @param {string} source
 * @returns {{ flags: Set<string>, includes: string[], features: string[], negative: { phase: string, type: string } | null }}
 */
export function readFrontmatter(source) {
  const text = COMMENT.exec(source)?.[1] ?? ''
  const phase = /^\s+phase:\s*(\w+)/m.exec(text)?.[1]
  const type = /^\s+type:\s*(\w+)/m.exec(text)?.[1]
  return {
    flags: new Set(list(text, 'flags')),
    includes: list(text, 'includes'),
    features: list(text, 'features'),
    negative: phase && type ? { phase, type } : null,
  }
}

function list(text, key) {
  const inline = new RegExp(`^${key}:\\s*\\[([^\\]]*)\\]`, 'm').exec(text)?.[1]
  const block = new RegExp(`^${key}:\\s*\\r?\\n((?:\\s+-.*(?:\\r?\\n|$))+)`, 'm').exec(text)?.[1]
  const items = inline?.split(',') ?? block?.split(/\r?\n/).map(line => line.replace(/^\s*-\s*/, '')) ?? []
  return items.map(item => item.trim()).filter(Boolean)
}

/** The modes in which a test is to be run. */
export function modesOf({ flags }) {
  if (flags.has('module')) return ['module']
  if (flags.has('raw') || flags.has('noStrict')) return ['sloppy']
  if (flags.has('onlyStrict')) return ['strict']
  return ['sloppy', 'strict']
}
