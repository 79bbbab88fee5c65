// proper-lockfile 4.1.2: two machines hold the same lock, if one that crashed left its lock behind (its issue 121, open).
//
// Both see that the lock is stale. The first removes it and takes the lock; the second, still about to remove the stale
// one, removes the fresh one and takes the lock too. The package talks to the file system through callbacks.
//
// Run: frontrun node examples/packages/proper-lockfile.ts
import { exploreDpor } from 'frontrun'
import lockfile from 'proper-lockfile'
import { getLocks } from 'proper-lockfile/lib/lockfile.js'

type Callback<T> = (error: Error | null, result?: T) => void
type Files = Map<string, Date>

const fail = (code: string) => Object.assign(new Error(code), { code })

/** What proper-lockfile uses of `fs`, in memory: each machine has its own view of the same directory. */
class Disk {
  readonly #files: Files

  constructor(files: Files) {
    this.#files = files
  }

  mkdir = (path: string, callback: Callback<void>) =>
    this.#run(callback, () => {
      if (this.#files.has(path)) throw fail('EEXIST')
      this.#files.set(path, new Date())
    })

  rmdir = (path: string, callback: Callback<void>) =>
    this.#run(callback, () => {
      if (!this.#files.delete(path)) throw fail('ENOENT')
    })

  stat = (path: string, callback: Callback<{ mtime: Date }>) =>
    this.#run(callback, () => ({ mtime: this.#mtime(path) }))

  utimes = (path: string, _accessed: Date, modified: Date, callback: Callback<void>) =>
    this.#run(callback, () => {
      this.#mtime(path)
      this.#files.set(path, modified)
    })

  #mtime(path: string): Date {
    const mtime = this.#files.get(path)
    if (!mtime) throw fail('ENOENT')
    return mtime
  }

  #run<T>(callback: Callback<T>, operation: () => T): void {
    queueMicrotask(() => {
      let result: T
      try {
        result = operation()
      } catch (error) {
        callback(error as Error)
        return
      }
      callback(null, result)
    })
  }
}

class Cluster {
  readonly files: Files = new Map()
  owners = 0
  mostOwners = 0

  async work(mountPoint: string): Promise<void> {
    const fs = new Disk(this.files)
    const options = { fs, lockfilePath: '/shared/job.lock', realpath: false, onCompromised: () => {} }
    const release = await lockfile.lock(`${mountPoint}/job`, options).catch(() => undefined)
    if (!release) return // somebody else has it
    this.owners++
    this.mostOwners = Math.max(this.mostOwners, this.owners)
    await null
    this.owners--
    await release()
  }
}

function explore(crashed: boolean) {
  return exploreDpor({
    setup: () => {
      // The package remembers its locks in a variable of its own: an execution that was cut short leaves some there.
      const locks = getLocks()
      for (const file in locks) delete locks[file]
      const cluster = new Cluster()
      if (crashed) cluster.files.set('/shared/job.lock', new Date(Date.now() - 60_000))
      return cluster
    },
    tasks: { first: cluster => cluster.work('/mnt/first'), second: cluster => cluster.work('/mnt/second') },
    invariant: cluster => cluster.mostOwners <= 1,
    clock: 'virtual', // who holds a lock renews it for ever: let that happen when nothing else can
    tracePackages: ['proper-lockfile', 'retry'],
  })
}

const afterCrash = await explore(true)
console.log(`proper-lockfile 4.1.2 after a crash\n\n${afterCrash.explanation}`)

const clean = await explore(false)
console.log(`without one\n\n${clean.explanation ?? `Holds in all ${clean.numExplored} interleavings.`}`)

process.exitCode = !afterCrash.propertyHolds && clean.propertyHolds && clean.exhaustive ? 0 : 1
