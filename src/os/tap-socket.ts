// An AF_PACKET socket that reads what a classic BPF program lets through: for who needs few packets, and those at once.
// packet(7). It sets no promiscuous mode, and needs CAP_NET_RAW alone: capture has the interface listen to everything.
import koffi from 'koffi';
import { MssError } from '../errors.ts';
import type { Instruction } from '../net/bpf.ts';

const libc = koffi.load('libc.so.6');
const cSocket = libc.func('int socket(int, int, int)');
const cBind = libc.func('int bind(int, const void *, uint32_t)');
const cClose = libc.func('int close(int)');
const cRecv = libc.func('int64_t recv(int, void *, size_t, int)');
const cPoll = libc.func('int poll(void *, uint64_t, int)');
const cSetsockopt = libc.func('int setsockopt(int, int, int, const void *, uint32_t)');
const cGetsockopt = libc.func('int getsockopt(int, int, int, void *, void *)');
const cIndexOf = libc.func('uint32_t if_nametoindex(const char *)');
const sockFprog = koffi.struct({ length: 'uint16_t', instructions: 'void *' });
const cSetFilter = libc.func('setsockopt', 'int', ['int', 'int', 'int', koffi.pointer(sockFprog), 'uint32_t']);

const AF_PACKET = 17;
const SOCK_RAW = 3;
const ETH_P_ALL = 3;
const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const SO_RCVBUFFORCE = 33;
const SOL_PACKET = 263;
const PACKET_STATISTICS = 6;
const PACKET_IGNORE_OUTGOING = 23;
const MSG_DONTWAIT = 0x40;
const POLLIN = 1;
const LONGEST_FRAME = 2048;

export interface TapOptions {
  /** longer frames are cut; 2048 unless told */
  longestBytes?: number;
  /** what the kernel holds while we are busy, where it is not to be its default; needs CAP_NET_ADMIN */
  receiveBufferBytes?: number;
}

export class TapSocket {
  readonly #fd: number;
  readonly #name: string;
  readonly #buffer: Buffer;
  #closed = false;

  /** @throws MssError 'capture' naming the interface */
  constructor(name: string, program: readonly Instruction[], options: TapOptions = {}) {
    this.#name = name;
    this.#buffer = Buffer.alloc(options.longestBytes ?? LONGEST_FRAME);
    const index = cIndexOf(name);
    if (index === 0) throw new MssError('capture', `interface ${name} does not exist`);
    // protocol 0: nothing arrives before the filter stands
    this.#fd = cSocket(AF_PACKET, SOCK_RAW, 0);
    if (this.#fd < 0) throw this.#failed('socket');
    try {
      if (cSetsockopt(this.#fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, Buffer.from([1, 0, 0, 0]), 4) < 0) {
        throw this.#failed('PACKET_IGNORE_OUTGOING');
      }
      if (options.receiveBufferBytes !== undefined) this.#setReceiveBuffer(options.receiveBufferBytes);
      this.setFilter(program);
      const address = Buffer.alloc(20); // struct sockaddr_ll
      address.writeUInt16LE(AF_PACKET, 0);
      address.writeUInt16BE(ETH_P_ALL, 2);
      address.writeInt32LE(index, 4);
      if (cBind(this.#fd, address, address.length) < 0) throw this.#failed('bind');
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Puts another program in the place of the one in force; no packet comes through unfiltered in between. */
  setFilter(program: readonly Instruction[]): void {
    const instructions = Buffer.alloc(program.length * 8);
    for (const [i, { code, jt, jf, k }] of program.entries()) {
      instructions.writeUInt16LE(code, i * 8);
      instructions[i * 8 + 2] = jt;
      instructions[i * 8 + 3] = jf;
      instructions.writeUInt32LE(k >>> 0, i * 8 + 4);
    }
    const value = { length: program.length, instructions };
    if (cSetFilter(this.#fd, SOL_SOCKET, SO_ATTACH_FILTER, value, koffi.sizeof(sockFprog)) < 0) {
      throw this.#failed('SO_ATTACH_FILTER');
    }
  }

  /** The next frame that waits; undefined when none does. Valid until the next call. */
  read(): Buffer | undefined {
    const length = Number(cRecv(this.#fd, this.#buffer, this.#buffer.length, MSG_DONTWAIT));
    return length > 0 ? this.#buffer.subarray(0, length) : undefined;
  }

  /** Frames that the filter let through and the receive buffer had no room for, since the last call. */
  takeDrops(): number {
    const statistics = Buffer.alloc(8); // struct tpacket_stats; reading sets it to 0
    const length = Buffer.from([8, 0, 0, 0]);
    if (cGetsockopt(this.#fd, SOL_PACKET, PACKET_STATISTICS, statistics, length) < 0) return 0;
    return statistics.readUInt32LE(4);
  }

  close(): void {
    if (!this.#closed) cClose(this.#fd);
    this.#closed = true;
  }

  /** Resolves when one of `taps` has a frame, or after `timeoutMs`. */
  static async wait(taps: readonly TapSocket[], timeoutMs: number): Promise<void> {
    const polled = Buffer.alloc(Math.max(1, taps.length) * 8);
    for (const [i, tap] of taps.entries()) {
      polled.writeInt32LE(tap.#fd, i * 8);
      polled.writeInt16LE(POLLIN, i * 8 + 4);
    }
    await new Promise<void>((resolve) => {
      cPoll.async(polled, taps.length, timeoutMs, () => resolve());
    });
  }

  #setReceiveBuffer(bytes: number): void {
    const value = Buffer.alloc(4);
    value.writeInt32LE(bytes);
    if (cSetsockopt(this.#fd, SOL_SOCKET, SO_RCVBUFFORCE, value, 4) < 0) throw this.#failed('SO_RCVBUFFORCE');
  }

  #failed(call: string): MssError {
    return new MssError('capture', `${this.#name}: ${call} failed with error ${koffi.errno()}; CAP_NET_RAW is needed`);
  }
}
