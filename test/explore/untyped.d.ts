/** Packages without types. */
declare module 'fs-extra' {
  const fsExtra: { copy(from: string, to: string): Promise<void> }
  export default fsExtra
}
declare module 'ncp' {
  export default function ncp(from: string, to: string, done: (error: Error[] | null) => void): void
}
declare module 'node-persist-2' {
  const persist: {
    create(options: object): {
      init(): PromiseLike<unknown>
      setItem(key: string, value: unknown): PromiseLike<unknown>
    }
  }
  export default persist
}
declare module 'node-persist-4' {
  const persist: {
    create(options: object): {
      init(): Promise<unknown>
      getItem(key: string): Promise<unknown>
      setItem(key: string, value: unknown): Promise<unknown>
      stopWriteQueueInterval(): void
    }
  }
  export default persist
}
declare module 'write-racy' {
  export default function write(path: string, data: string, options: object): Promise<unknown>
}
declare module 'proper-lockfile' {
  const lockfile: { lock(file: string, options: object): Promise<() => Promise<void>> }
  export default lockfile
}
declare module 'proper-lockfile/lib/lockfile.js' {
  export function getLocks(): Record<string, unknown>
}
