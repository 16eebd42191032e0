// An interpreter of the kernel's filter language, as far as our programs use it.
import type { Instruction } from '../../src/net/bpf.ts';

/** How many bytes of `packet` the program lets through; as in the kernel none where it reads beyond the packet. */
export function runFilter(program: readonly Instruction[], packet: Buffer): number {
  try {
    return run(program, packet);
  } catch (error) {
    if (error instanceof RangeError) return 0;
    throw error;
  }
}

function run(program: readonly Instruction[], packet: Buffer): number {
  let accumulator = 0;
  let index = 0;
  for (let at = 0; ; at++) {
    const { code, jt, jf, k } = program[at];
    switch (code) {
      case 0x20:
        accumulator = packet.readUInt32BE(k);
        break;
      case 0x28:
        accumulator = packet.readUInt16BE(k);
        break;
      case 0x48:
        accumulator = packet.readUInt16BE(index + k);
        break;
      case 0x50:
        accumulator = packet.readUInt8(index + k);
        break;
      case 0x01:
        index = k;
        break;
      case 0x07:
        index = accumulator;
        break;
      case 0x0c:
        accumulator += index;
        break;
      case 0x54:
        accumulator = (accumulator & k) >>> 0;
        break;
      case 0x64:
        accumulator <<= k;
        break;
      case 0x05:
        at += k;
        break;
      case 0x15:
        at += accumulator === k >>> 0 ? jt : jf;
        break;
      case 0x45:
        at += (accumulator & k) !== 0 ? jt : jf;
        break;
      case 0x06:
        return k;
      default:
        throw new Error(`no instruction ${code}`);
    }
  }
}
