/** Tables for a terminal: the first column to the left, numbers to the right. */
export function table(title: string, head: string[], rows: string[][]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map(row => row[column].length)))
  const line = (row: string[]): string =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ')
  const rule = widths.map(width => '─'.repeat(width)).join('  ')
  return `\n${title}\n\n${[line(head), rule, ...rows.map(line)].join('\n')}\n`
}

/** 1234567 as 1 234 567. */
export const count = (value: number): string =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ')

export const times = (value: number): string => `${value >= 10 ? Math.round(value) : value.toFixed(2)}×`

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
