/** One shared variable, in all the ways in which a program may keep it. */
export interface Variable {
  get(): number
  set(value: number): void
}

export type MakeVariable = (name: string) => Variable

class Property implements Variable {
  value = 0
  get() {
    return this.value
  }
  set(value: number) {
    this.value = value
  }
}

class PrivateField implements Variable {
  #value = 0
  get() {
    return this.#value
  }
  set(value: number) {
    this.#value = value
  }
}

class BehindAccessors implements Variable {
  #value = 0
  get value() {
    return this.#value
  }
  set value(value: number) {
    this.#value = value
  }
  get() {
    return this.value
  }
  set(value: number) {
    this.value = value
  }
}

function capturedVariable(): Variable {
  let value = 0
  return {
    get: () => value,
    set: given => {
      value = given
    },
  }
}

function elements(make: () => { [index: number]: number }): () => MakeVariable {
  return () => {
    const array = make()
    let next = 0
    return () => {
      const index = next++
      array[index] = 0
      return {
        get: () => array[index],
        set: value => {
          array[index] = value
        },
      }
    }
  }
}

function keysOfMap(): MakeVariable {
  const map = new Map<string, number>()
  return name => {
    map.set(name, 0)
    return {
      get: () => map.get(name) as number,
      set: value => {
        map.set(name, value)
      },
    }
  }
}

function keysOfObject(): MakeVariable {
  const object: Record<string, number> = {}
  return name => {
    object[name] = 0
    return {
      get: () => object[name],
      set: value => {
        object[name] = value
      },
    }
  }
}

/** Each makes, per execution, what makes variables. */
export const dialects: Record<string, () => MakeVariable> = {
  properties: () => () => new Property(),
  'private fields': () => () => new PrivateField(),
  accessors: () => () => new BehindAccessors(),
  'captured variables': () => capturedVariable,
  'array elements': elements(() => []),
  'shared memory': elements(() => new Int32Array(new SharedArrayBuffer(64))),
  'keys of an object': keysOfObject,
  'keys of a Map': keysOfMap,
}
