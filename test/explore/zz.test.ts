import fs from 'node:fs'
import fsp from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { exploreDpor } from 'frontrun'
import { test } from 'vitest'

const dir = join(tmpdir(), 'fr-zz')
const at = (name: string) => join(dir, name)
const base = () => {
  fs.rmSync(dir, { recursive: true, force: true })
  fs.mkdirSync(dir, { recursive: true })
  return {} as Record<string, unknown>
}
async function show(name: string, setup: () => unknown, fns: ((s: any) => unknown)[], outcome: (s: any) => unknown, unit = 'tasks') {
  const outcomes = new Set<string>()
  const t = performance.now()
  const r = await exploreDpor({ setup, [unit]: fns, invariant: (s: any) => void outcomes.add(String(outcome(s))), stopOnFirst: false } as any)
  console.log(name, 'explored', r.numExplored, 'redundant', r.redundantRuns, 'ex', r.exhaustive, r.notExhaustiveBecause ?? '', Math.round(performance.now() - t), 'ms', [...outcomes].sort().join(' | '), r.propertyHolds ? '' : r.explanation)
}
test('all', async () => {
  await show('write vs read', () => { const s = base(); fs.writeFileSync(at('f'), 'old'); return s }, [
    async () => { await fsp.writeFile(at('f'), 'new') },
    async s => { s.saw = await fsp.readFile(at('f'), 'utf8') },
  ], s => s.saw)
  await show('wx lock', base, [0, 1].map(i => async (s: any) => {
    try { await fsp.writeFile(at('lock'), String(i), { flag: 'wx' }); s[i] = 'got' } catch (e: any) { s[i] = e.code }
  }), s => `${s[0]} ${s[1]}`)
  await show('open wx', base, [0, 1].map(i => async (s: any) => {
    try { const h = await fsp.open(at('lock'), 'wx'); await h.close(); s[i] = 'got' } catch (e: any) { s[i] = e.code }
  }), s => `${s[0]} ${s[1]}`)
  await show('two mkdir -p', base, [0, 1].map(i => async (s: any) => { s[i] = (await fsp.mkdir(at('a/b'), { recursive: true })) !== undefined }), s => `${s[0]} ${s[1]}`)
  await show('exists+mkdir', base, [0, 1].map(i => (s: any) => { try { if (!fs.existsSync(at('a'))) fs.mkdirSync(at('a')); s[i] = 'ok' } catch (e: any) { s[i] = e.code } }), s => `${s[0]} ${s[1]}`, 'threads')
  await show('create a, create b', base, ['a', 'b'].map(n => async () => { await fsp.writeFile(at(n), 'x', { flag: 'a' }) }), () => '')
  await show('create a, list', base, [async () => { await fsp.writeFile(at('a'), 'x', { flag: 'a' }) }, async s => { s.l = (await fsp.readdir(dir)).join() }], s => s.l)
  await show('handle parts', () => { const s = base(); fs.writeFileSync(at('f'), '0000000000'); return s }, [0, 5].map(p => async () => {
    const h = await fsp.open(at('f'), 'r+'); await h.write('12345', p); await h.close()
  }), () => fs.readFileSync(at('f'), 'utf8'))
  await show('handle parts overlap', () => { const s = base(); fs.writeFileSync(at('f'), '0000000000'); return s }, [0, 4].map(p => async () => {
    const h = await fsp.open(at('f'), 'r+'); await h.write(p ? 'aaaaa' : 'bbbbb', p); await h.close()
  }), () => fs.readFileSync(at('f'), 'utf8'))
  await show('stream write vs read', () => { const s = base(); fs.writeFileSync(at('f'), 'old'); return s }, [
    () => { fs.createWriteStream(at('f')).end('new') },
    async s => { s.saw = await fsp.readFile(at('f'), 'utf8') },
  ], s => s.saw)
  await show('pipe vs write', () => { const s = base(); fs.writeFileSync(at('f'), 'old'); return s }, [
    async () => { await pipeline(fs.createReadStream(at('f')), fs.createWriteStream(at('g'))) },
    async () => { await fsp.writeFile(at('f'), 'new') },
  ], () => fs.readFileSync(at('g'), 'utf8'))
  await show('opendir vs create', () => { const s = base(); fs.writeFileSync(at('f'), 'old'); return s }, [
    async s => { s.l = ''; for await (const e of await fsp.opendir(dir)) s.l += e.name },
    async () => { await fsp.writeFile(at('g'), 'new', { flag: 'a' }) },
  ], s => [...s.l].sort().join(''))
  await show('rm -r vs write', () => { const s = base(); fs.mkdirSync(at('d')); fs.writeFileSync(at('d/x'), ''); return s }, [
    async s => { try { await fsp.rm(at('d'), { recursive: true }); s.a = 'ok' } catch (e: any) { s.a = e.code } },
    async s => { try { await fsp.writeFile(at('d/y'), 'new', { flag: 'a' }); s.b = 'ok' } catch (e: any) { s.b = e.code } },
  ], s => `${s.a} ${s.b}`)
  await show('rename dir vs write', () => { const s = base(); fs.mkdirSync(at('d')); return s }, [
    async () => { await fsp.rename(at('d'), at('e')) },
    async s => { try { await fsp.writeFile(at('d/y'), 'new', { flag: 'a' }); s.b = 'ok' } catch (e: any) { s.b = e.code } },
  ], s => `${s.b}`)
  await show('atomic replace vs read', () => { const s = base(); fs.writeFileSync(at('f'), 'old'); return s }, [
    async () => { await fsp.writeFile(at('f.tmp'), 'new'); await fsp.rename(at('f.tmp'), at('f')) },
    async s => { s.saw = await fsp.readFile(at('f'), 'utf8') },
  ], s => s.saw)
  await show('cp -r into one', () => { const s = base(); fs.mkdirSync(at('d')); fs.writeFileSync(at('d/x'), 'x'); return s }, [0, 1].map(i => async s => {
    try { await fsp.cp(at('d'), at('e'), { recursive: true, errorOnExist: true, force: false }); s[i] = 'ok' } catch (e: any) { s[i] = e.code }
  }), s => `${s[0]} ${s[1]}`)
}, 120_000)
