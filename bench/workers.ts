/** The two worker processes, with frontrun's hooks and without, and rounds of turns over the contenders. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

export interface Rate {
  /** Per second of processor time. */
  executions: number
  steps: number
}

export class Worker {
  private readonly ended = new AbortController()

  private constructor(private readonly child: ChildProcess) {
    child.once('exit', code => this.ended.abort(new Error(`a worker of the benchmark ended with code ${code}`)))
  }

  static async start(kind: 'instrumented' | 'plain'): Promise<Worker> {
    const env = kind === 'plain' ? withoutHooks(process.env) : process.env
    const child = fork(new URL('./worker.mjs', import.meta.url), [kind], { env })
    const worker = new Worker(child)
    await worker.answer()
    return worker
  }

  async measure(name: string, milliseconds: number): Promise<Rate> {
    const answer = this.answer()
    this.child.send({ name, milliseconds })
    return (await answer) as Rate
  }

  private async answer(): Promise<unknown> {
    const [message] = await once(this.child, 'message', { signal: this.ended.signal })
    return message
  }

  stop(): void {
    this.child.disconnect()
  }
}

/** The command line adds its hooks with --import, in front of what NODE_OPTIONS had. */
function withoutHooks(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, NODE_OPTIONS: (env.NODE_OPTIONS ?? '').replace(/--import=\S*integrations\/register\.js/, '') }
}

export interface Contender {
  worker: Worker
  name: string
}

/** Gives every contender a turn to warm up and then one turn per round; the rates of each, round by round. */
export async function race(contenders: Contender[], rounds: number, milliseconds: number): Promise<Rate[][]> {
  const rates: Rate[][] = contenders.map(() => [])
  for (const { worker, name } of contenders) await worker.measure(name, 5 * milliseconds)
  for (let round = 0; round < rounds; round++)
    for (const [index, { worker, name }] of contenders.entries())
      rates[index].push(await worker.measure(name, milliseconds))
  return rates
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Median of the ratios of each round: what slows one round down slows both sides. */
export const ratio = (one: Rate[], other: Rate[]): number =>
  median(one.map((rate, round) => rate.executions / other[round].executions))
