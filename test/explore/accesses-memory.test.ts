import { type Acts, describeActs } from './support/act-table.js'

const setup = () => {
  const memory = new ArrayBuffer(16)
  const buffer = Buffer.alloc(16)
  return {
    memory,
    bytes: new Uint8Array(memory),
    ints: new Int32Array(memory),
    later: new Uint8Array(memory, 8),
    view: new DataView(memory),
    buffer,
    slice: buffer.subarray(4, 8),
    shared: new Int32Array(new SharedArrayBuffer(8)),
  }
}
type State = ReturnType<typeof setup>

const meeting: Acts<State> = {
  'a byte, the integer over it': [s => (s.bytes[2] = 7), s => s.ints[0]],
  'an integer, a byte of it': [s => (s.ints[1] = -1), s => s.bytes[7]],
  'a view of the end, a view of all': [s => (s.later[0] = 7), s => s.bytes[8]],
  'DataView over a border, integers': [s => s.view.setInt32(2, -1), s => s.ints[1]],
  'Buffer and its slice': [s => s.slice.writeUInt8(7, 0), s => s.buffer.readUInt8(4)],
  'a word of a Buffer, a byte of it': [s => s.buffer.writeUInt16BE(0x0102, 3), s => s.buffer[4]],
  'a text in a Buffer, a byte of it': [s => s.buffer.write('abc', 2), s => s.buffer[4]],
  'a double, a byte of it': [s => s.buffer.writeDoubleBE(1.5, 8), s => s.buffer[9]],
  'three bytes, the last': [s => s.buffer.writeUIntBE(0x010203, 1, 3), s => s.buffer[3]],
  'Buffer.fill of a part, toString of it': [s => s.buffer.fill('x', 4, 8), s => s.buffer.toString('latin1', 4, 8)],
  'Buffer.copy, what it is copied to': [s => Buffer.from('zz').copy(s.buffer, 6), s => s.buffer[7]],
  'a byte, Buffer.concat': [s => (s.buffer[0] = 65), s => Buffer.concat([s.buffer]).toString('latin1', 0, 1)],
  'a byte, Buffer.from': [s => (s.buffer[0] = 65), s => Buffer.from(s.buffer)[0]],
  'a byte, equals': [s => (s.buffer[0] = 65), s => s.buffer.equals(Buffer.alloc(16))],
  'TypedArray.set at an offset, a byte there': [s => s.bytes.set([1, 2], 3), s => s.bytes[4]],
  'TypedArray.fill of a part, forEach': [
    s => s.bytes.fill(1, 2, 4),
    s => {
      let sum = 0
      s.bytes.forEach(byte => {
        sum += byte
      })
      return sum
    },
  ],
  'a byte, map': [s => (s.bytes[1] = 5), s => s.bytes.map(byte => byte * 2).join()],
  'a byte, reduce': [s => (s.bytes[1] = 5), s => s.bytes.reduce((sum, byte) => sum + byte, 0)],
  'a byte, some': [s => (s.bytes[1] = 5), s => s.bytes.some(byte => byte === 5)],
  'a byte, slice of the memory': [s => (s.bytes[1] = 5), s => new Uint8Array(s.memory.slice(0, 4)).join()],
  'a byte, a copy as another type': [s => (s.bytes[1] = 5), s => new Uint16Array(s.bytes).join()],
  'a byte, for of': [
    s => (s.bytes[1] = 5),
    s => {
      let sum = 0
      for (const byte of s.bytes) sum += byte
      return sum
    },
  ],
  'Atomics.add, a plain read': [s => Atomics.add(s.shared, 0, 1), s => s.shared[0]],
}

const apart: Acts<State> = {
  'two bytes': [s => (s.bytes[0] = 7), s => s.bytes[1]],
  'a byte, the next integer': [s => (s.bytes[3] = 7), s => s.ints[1]],
  'two words of a Buffer': [s => s.buffer.writeUInt16LE(7, 0), s => s.buffer.readUInt16LE(2)],
  'a byte, a text behind it': [s => (s.buffer[0] = 7), s => s.buffer.toString('latin1', 1, 4)],
  'fill of a part, a byte outside': [s => s.bytes.fill(1, 2, 4), s => s.bytes[4]],
  'TypedArray.set, a byte before': [s => s.bytes.set([1, 2], 3), s => s.bytes[2]],
  'a byte, a subarray of it': [s => (s.bytes[0] = 7), s => s.bytes.subarray(0, 1).length],
  'a byte, the length': [s => (s.bytes[0] = 7), s => s.bytes.length],
  'two parts of a Buffer': [s => s.slice.fill(1), s => s.buffer[8]],
}

describeActs('views of one memory', setup, meeting, apart)
