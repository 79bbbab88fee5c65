import { type Acts, describeActs } from './support/act-table.js'

class Base {
  static count = 0
  greet(): string {
    return 'base'
  }
  get size(): number {
    return 1
  }
}

const setup = () => {
  Base.count = 0
  class Shared {
    declare rank?: number
    value = 0
    stored = 0
    describe(): string {
      return 'first'
    }
    other(): string {
      return 'other'
    }
    set doubled(n: number) {
      this.stored = n * 2
    }
    get doubled(): number {
      return this.stored
    }
  }
  class Derived extends Shared {
    static override toString(): string {
      return 'Derived'
    }
    viaSuper(): string {
      return super.describe()
    }
  }
  const defaults: Record<string, unknown> = { color: 'red', size: 1 }
  const middle: Record<string, unknown> = Object.create(defaults)
  const leaf: Record<string, unknown> = Object.create(middle)
  return {
    Shared,
    Derived,
    shared: new Shared(),
    derived: new Derived(),
    another: new Shared(),
    defaults,
    middle,
    leaf,
    plain: { a: 1 } as Record<string, unknown>,
    base: new Base(),
    Sub: class extends Base {},
  }
}
type State = ReturnType<typeof setup>

const keysOf = (object: object): string => {
  let keys = ''
  for (const key in object) keys += key
  return keys
}

/** The first act changes what the second one inherits. */
const conflicts: Acts<State> = {
  'a property two prototypes up': [s => (s.defaults.color = 'blue'), s => s.leaf.color],
  'a property that comes to stand in between': [s => (s.middle.color = 'blue'), s => s.leaf.color],
  'a property that goes from in between': [s => delete s.defaults.color, s => s.leaf.color],
  'an own property that hides the inherited one': [s => (s.leaf.color = 'blue'), s => s.leaf.color],
  'a method of a class': [s => (s.Shared.prototype.describe = () => 'second'), s => s.shared.describe()],
  'a method of a base class': [s => (s.Shared.prototype.describe = () => 'second'), s => s.derived.describe()],
  'a method that hides an inherited one': [s => (s.shared.describe = () => 'own'), s => s.shared.describe()],
  'a method of a subclass that hides that of its base': [
    s => (s.Derived.prototype.describe = () => 'derived'),
    s => s.derived.describe(),
  ],
  'a method reached by super': [s => (s.Shared.prototype.describe = () => 'second'), s => s.derived.viaSuper()],
  'a static field that a subclass inherits': [() => Base.count++, s => (s.Sub as typeof Base).count],
  'a prototype given to an object, a property': [s => Object.setPrototypeOf(s.plain, s.defaults), s => s.plain.color],
  'a prototype given by Reflect, a method': [
    s => Reflect.setPrototypeOf(s.plain, s.shared),
    s => (s.plain as { describe?: () => string }).describe?.(),
  ],
  'a prototype given by __proto__, a property': [
    // biome-ignore lint/suspicious/noProto: programs do
    s => ((s.plain as { __proto__: object }).__proto__ = s.defaults),
    s => s.plain.color,
  ],
  'a prototype swapped up the chain, a property': [s => Object.setPrototypeOf(s.middle, null), s => s.leaf.color],
  'a prototype given, in': [s => Object.setPrototypeOf(s.plain, s.defaults), s => 'color' in s.plain],
  'a property of a prototype, in': [s => delete s.defaults.size, s => 'size' in s.leaf],
  'a property of a prototype, for in': [s => (s.defaults.shape = 'round'), s => keysOf(s.leaf)],
  'a property of a prototype, destructuring': [
    s => (s.defaults.color = 'blue'),
    s => {
      const { color = 'none' } = s.leaf
      return color
    },
  ],
  'a property of a prototype, Reflect.get': [s => (s.defaults.color = 'blue'), s => Reflect.get(s.leaf, 'color')],
  'a property of a prototype, Reflect.has': [s => delete s.defaults.color, s => Reflect.has(s.leaf, 'color')],
  'a getter of a class': [
    s => Object.defineProperty(s.Shared.prototype, 'doubled', { get: () => -1 }),
    s => s.shared.doubled,
  ],
  'a setter that writes, the field': [s => (s.shared.doubled = 4), s => s.shared.stored],
}

const independent: Acts<State> = {
  'two calls of one method': [s => s.shared.describe(), s => s.shared.describe()],
  'another property of the prototype': [s => (s.defaults.color = 'blue'), s => s.leaf.size],
  'another method of the class': [s => (s.Shared.prototype.describe = () => 'second'), s => s.shared.other()],
  'an own property, that of the prototype': [s => (s.leaf.size = 2), s => s.middle.size],
  'an own property read, that of the prototype': [
    s => (s.shared.value = 2),
    s => ((s.Shared.prototype as { value: number }).value = 3),
  ],
  'a setter, another key that comes': [s => (s.shared.doubled = 4), s => Object.keys(s.another).length],
  'a method that hides the inherited one, another instance': [
    s => (s.shared.describe = () => 'own'),
    s => s.another.describe(),
  ],
  'a setter, the keys': [s => (s.shared.doubled = 4), s => Object.keys(s.shared).length],
  'own keys, a key of the prototype': [s => (s.defaults.shape = 'round'), s => Object.keys(s.leaf).length],
}

describeActs('what is inherited', setup, conflicts, independent)
