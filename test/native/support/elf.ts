/** What the dynamic linker is told by a 64-bit little-endian shared object. */
export interface DynamicSymbols {
  needed: string[]
  versionsNeeded: number
  undefined: string[]
  defined: string[]
}

const SHT_DYNAMIC = 6
const SHT_DYNSYM = 11
const DT_NEEDED = 1
const DT_VERNEEDNUM = 0x6fffffff

export function dynamicSymbols(file: Buffer): DynamicSymbols {
  const number = (at: number): number => Number(file.readBigUInt64LE(at))
  const text = (at: number): string => file.toString('latin1', at, file.indexOf(0, at))
  const sections = Array.from({ length: file.readUInt16LE(60) }, (_, i) => number(40) + i * file.readUInt16LE(58))
  const find = (type: number) => sections.find(at => file.readUInt32LE(at + 4) === type) as number
  const stringsOf = (section: number): number => number(sections[file.readUInt32LE(section + 40)] + 24)
  const entries = (section: number, size: number): number[] =>
    Array.from({ length: number(section + 32) / size }, (_, i) => number(section + 24) + i * size)

  const dynamic = find(SHT_DYNAMIC)
  const tags = entries(dynamic, 16).map(at => ({ tag: number(at), value: number(at + 8) }))
  const symbols = find(SHT_DYNSYM)
  const names = entries(symbols, 24)
    .slice(1)
    .map(at => ({ name: text(stringsOf(symbols) + file.readUInt32LE(at)), section: file.readUInt16LE(at + 6) }))
  const sorted = (isDefined: boolean): string[] =>
    names
      .filter(symbol => symbol.name !== '' && (symbol.section !== 0) === isDefined)
      .map(symbol => symbol.name)
      .sort()
  return {
    needed: tags.filter(({ tag }) => tag === DT_NEEDED).map(({ value }) => text(stringsOf(dynamic) + value)),
    versionsNeeded: tags.find(({ tag }) => tag === DT_VERNEEDNUM)?.value ?? 0,
    undefined: sorted(false),
    defined: sorted(true),
  }
}
