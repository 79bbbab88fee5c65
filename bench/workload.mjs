/**
 * CPU-bound code that no exploration runs: measured as written and as instrumented, to see what the inactive form of
 * instrumented code costs. Recursion is the worst case there is: nothing but calls.
 */
const fibonacci = n => (n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2))

class Vector {
  constructor(x, y) {
    this.x = x
    this.y = y
  }
  plus(other) {
    return new Vector(this.x + other.x, this.y + other.y)
  }
  scaled(factor) {
    return new Vector(this.x * factor, this.y * factor)
  }
  dot(other) {
    return this.x * other.x + this.y * other.y
  }
}

function methods() {
  let position = new Vector(0, 0)
  const direction = new Vector(1, -1)
  for (let turn = 0; turn < 200_000; turn++) {
    position = position.plus(direction.scaled(0.5))
    if (position.dot(direction) > 1000) position = new Vector(0, 0)
  }
  return position.x
}

function closures() {
  let sum = 0
  const numbers = Array.from({ length: 2000 }, (_, index) => index)
  for (let turn = 0; turn < 50; turn++) {
    numbers
      .map(number => number * turn)
      .filter(number => number % 3 === 0)
      .forEach(number => {
        sum += number
      })
  }
  return sum
}

/** A scanner, a recursive-descent parser and an evaluator: what libraries mostly are. */
class Calculator {
  constructor(text) {
    this.tokens = text.match(/\d+|[-+*/()]/g) ?? []
    this.at = 0
  }
  next() {
    return this.tokens[this.at++]
  }
  peek() {
    return this.tokens[this.at]
  }
  sum() {
    let left = this.product()
    while (this.peek() === '+' || this.peek() === '-') {
      const operator = this.next()
      const right = this.product()
      left = { operator, left, right }
    }
    return left
  }
  product() {
    let left = this.atom()
    while (this.peek() === '*' || this.peek() === '/') {
      const operator = this.next()
      const right = this.atom()
      left = { operator, left, right }
    }
    return left
  }
  atom() {
    const token = this.next()
    if (token !== '(') return { operator: 'number', value: Number(token) }
    const inner = this.sum()
    this.next()
    return inner
  }
}

function evaluate(node) {
  switch (node.operator) {
    case 'number':
      return node.value
    case '+':
      return evaluate(node.left) + evaluate(node.right)
    case '-':
      return evaluate(node.left) - evaluate(node.right)
    case '*':
      return evaluate(node.left) * evaluate(node.right)
    default:
      return evaluate(node.left) / evaluate(node.right)
  }
}

function parser() {
  let total = 0
  for (let turn = 0; turn < 2000; turn++) total += evaluate(new Calculator('(1+2)*3-4/(5+6)*(7-8*(9+1))').sum())
  return total
}

/** A pool of workers over a queue, as promise libraries have it. */
class Pool {
  constructor(size) {
    this.free = size
    this.waiting = []
  }
  async acquire() {
    if (this.free > 0) this.free--
    else await new Promise(resolve => this.waiting.push(resolve))
  }
  release() {
    const next = this.waiting.shift()
    if (next === undefined) this.free++
    else next()
  }
  async run(job) {
    await this.acquire()
    try {
      return await job()
    } finally {
      this.release()
    }
  }
}

async function promises() {
  const pool = new Pool(4)
  let sum = 0
  for (let turn = 0; turn < 100; turn++) {
    const jobs = Array.from({ length: 50 }, (_, index) => pool.run(async () => index + turn))
    for (const value of await Promise.all(jobs)) sum += value
  }
  return sum
}

/** Each returns what it computed, so that nothing is optimised away. */
export const workloads = {
  recursion: () => fibonacci(24),
  methods,
  closures,
  parser,
  promises,
}
