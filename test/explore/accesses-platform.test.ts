import { type Acts, describeActs } from './support/act-table.js'

const setup = () => ({
  date: new Date(0),
  other: new Date(0),
  url: new URL('https://example.org/a?q=1'),
  params: new URLSearchParams('a=1&b=2'),
  global: /a/g,
  sticky: /a/y,
  plain: /a/,
  list: ['b', 'a'],
  controller: new AbortController(),
  target: new EventTarget() as EventTarget & { onping?: () => void },
  error: new Error('first'),
  count: 0,
})
type State = ReturnType<typeof setup>

const meeting: Acts<State> = {
  'a date, another made of it': [s => s.date.setTime(5), s => new Date(s.date).getTime()],
  'a date, String': [s => s.date.setTime(1e12), s => String(s.date)],
  'a date, Number': [s => s.date.setTime(5), s => Number(s.date)],
  'the path of a URL, its href': [s => (s.url.pathname = '/b'), s => s.url.href],
  'the href of a URL, its host': [s => (s.url.href = 'https://example.com/'), s => s.url.host],
  'the parameters of a URL, its search': [s => s.url.searchParams.set('q', '2'), s => s.url.search],
  'the search of a URL, its parameters': [s => (s.url.search = '?q=3'), s => s.url.searchParams.get('q')],
  'the parameters of a URL, toString': [s => s.url.searchParams.append('r', '2'), s => s.url.toString()],
  'a URL, another made of it': [s => (s.url.hash = 'x'), s => new URL(s.url).hash],
  'parameters, iteration': [
    s => s.params.delete('a'),
    s => {
      let all = ''
      for (const [name, value] of s.params) all += name + value
      return all
    },
  ],
  'parameters, spread of the keys': [s => s.params.append('c', '3'), s => [...s.params.keys()].join()],
  'parameters, a copy': [s => s.params.set('a', '7'), s => new URLSearchParams(s.params).get('a')],
  'a global pattern, exec and match': [
    s => (s.global.exec('aa') ? 1 : 0),
    s => 'aa'.match(s.global)?.length && s.global.lastIndex,
  ],
  'a sticky pattern, replace and test': [s => 'aa'.replace(s.sticky, 'b'), s => s.sticky.test('ab')],
  'a sticky pattern, two replaces': [s => 'aa'.replace(s.sticky, 'b'), s => 'ab'.replace(s.sticky, 'c')],
  'lastIndex, matchAll': [s => (s.global.lastIndex = 1), s => [...'aa'.matchAll(s.global)].length],
  'an element, join': [s => (s.list[0] = 'z'), s => s.list.join()],
  'an element, String of the list': [s => (s.list[0] = 'z'), s => String(s.list)],
  'a message, String of the error': [s => (s.error.message = 'second'), s => String(s.error)],
  'onabort, abort': [
    s => {
      s.controller.signal.onabort = () => {
        s.count++
      }
    },
    s => {
      s.controller.abort()
      return s.count
    },
  ],
}

const apart: Acts<State> = {
  'two dates': [s => s.date.setTime(5), s => s.other.getTime()],
  'a URL and other parameters': [s => (s.url.search = '?z=1'), s => s.params.get('a')],
  'a pattern without a position': [s => 'aa'.replace(s.plain, 'b'), s => 'aa'.replace(s.plain, 'c')],
  'search leaves the position': [s => 'ba'.search(s.global), s => s.global.lastIndex],
  'two texts': [() => 'a,b'.split(','), () => 'a,b'.split(',').length],
}

describeActs('objects of the platform', setup, meeting, apart)
