/** What threads under test saw, kept where writing it down is no step of theirs. */
const pages: string[] = []

export function clearNotes(): void {
  pages.length = 0
}

export function note(thread: number, text: string): void {
  pages[thread] = (pages[thread] === undefined ? '' : `${pages[thread]};`) + text
}

export const readNotes = (): string => Array.from(pages, page => page ?? '-').join(' ')
