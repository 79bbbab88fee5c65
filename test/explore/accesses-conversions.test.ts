import { type Acts, describeActs } from './support/act-table.js'

const setup = () => ({
  date: new Date(1),
  later: new Date(5),
  list: [1, 2],
  url: new URL('https://example.org/a'),
  params: new URLSearchParams('a=1'),
  bytes: Buffer.from('ab'),
  error: new Error('first'),
  amount: {
    cents: 5,
    valueOf() {
      return this.cents
    },
  } as { cents: number; valueOf(): number } & number,
  label: {
    name: 'a',
    toString() {
      return `<${this.name}>`
    },
  },
  exotic: {
    n: 1,
    [Symbol.toPrimitive](this: { n: number }, hint: string) {
      return hint === 'number' ? this.n : `${hint}${this.n}`
    },
  } as unknown as { n: number } & number,
  plain: {} as { toString?: () => string },
  total: 0,
})
type State = ReturnType<typeof setup>

const meeting: Acts<State> = {
  'a date in a template': [s => s.date.setTime(1e9), s => `at ${s.date}`],
  'a date as a number': [s => s.date.setTime(9), s => +s.date],
  'the difference of dates': [s => s.date.setTime(9), s => Number(s.later) - (s.date as unknown as number)],
  'dates compared': [s => s.date.setTime(9), s => s.date < s.later],
  'a list in a template': [s => (s.list[1] = 7), s => `${s.list}`],
  'a list added to a text': [s => (s.list[1] = 7), s => `list `.concat('') + s.list],
  // biome-ignore lint/suspicious/noDoubleEquals: this is what is tested
  'push, a list compared with a text': [s => s.list.push(3), s => (s.list as unknown) == '1,2'],
  'a URL in a template': [s => (s.url.pathname = '/b'), s => `${s.url}`],
  'parameters added to a text': [s => s.params.set('a', '2'), s => `?`.concat('') + s.params],
  'bytes in a template': [s => (s.bytes[0] = 67), s => `${s.bytes}`],
  'a message in a template': [s => (s.error.message = 'second'), s => `${s.error}`],
  'valueOf of the program': [s => (s.amount.cents = 7), s => s.amount + 1],
  'valueOf of the program, compared': [s => (s.amount.cents = 7), s => s.amount > 6],
  'toString of the program': [s => (s.label.name = 'b'), s => `${s.label}`],
  'toString of the program, a compound assignment': [
    s => (s.label.name = 'b'),
    s => {
      let text = 'name: '
      text += s.label
      return text
    },
  ],
  'Symbol.toPrimitive of the program': [s => (s.exotic.n = 7), s => s.exotic * 2],
  'a toString that is new': [s => (s.plain.toString = () => 'new'), s => `${s.plain}`],
  'a total that an object is added to': [
    s => (s.amount.cents = 7),
    s => {
      s.total += s.amount
      return s.total
    },
  ],
}

const apart: Acts<State> = {
  'another date': [s => s.date.setTime(9), s => `${s.later}`],
  // biome-ignore lint/suspicious/noDoubleEquals: this is what is tested
  'two objects compared': [s => s.list.push(3), s => s.list == (s.bytes as unknown)],
  'an object compared with null': [s => s.date.setTime(9), s => s.date != null],
  'an object compared strictly': [s => s.list.push(3), s => (s.list as unknown) === '1,2'],
}

describeActs('implicit conversions', setup, meeting, apart)
