// Read-modify-write of a JSON file: of two settings saved at once, one is lost.
// Run: frontrun node examples/json-file.ts
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exploreDpor } from 'frontrun'
import { Lock } from 'frontrun/sync'

const file = join(tmpdir(), `frontrun-settings-${process.pid}.json`)

class Settings {
  // In setup: every execution begins with the same file.
  constructor() {
    writeFileSync(file, '{}')
  }

  async save(key: string, value: string): Promise<void> {
    const settings = JSON.parse(await readFile(file, 'utf8'))
    settings[key] = value
    await writeFile(file, JSON.stringify(settings))
  }

  complete(): boolean {
    const settings = JSON.parse(readFileSync(file, 'utf8'))
    return settings.theme === 'dark' && settings.language === 'eo'
  }
}

class LockedSettings extends Settings {
  readonly lock = new Lock()

  // One at a time, and never half a file for those who read it: the new one takes the place of the old in one go.
  override async save(key: string, value: string): Promise<void> {
    await this.lock.acquire()
    try {
      const settings = JSON.parse(await readFile(file, 'utf8'))
      settings[key] = value
      await writeFile(`${file}.new`, JSON.stringify(settings))
      await rename(`${file}.new`, file)
    } finally {
      this.lock.release()
    }
  }
}

const explore = (setup: () => Settings) =>
  exploreDpor({
    setup,
    tasks: [settings => settings.save('theme', 'dark'), settings => settings.save('language', 'eo')],
    invariant: settings => settings.complete(),
  })

const racy = await explore(() => new Settings())
console.log(racy.explanation)

const mended = await explore(() => new LockedSettings())
mended.assertHolds({ exhaustive: true })
console.log(`\nWith a lock it holds: ${mended.numExplored} interleavings.`)
rmSync(file)
if (racy.propertyHolds) process.exitCode = 1
