// Sends IP packets that are complete already, whatever source they name: raw(7), IP_HDRINCL. Needs CAP_NET_RAW.
import koffi from 'koffi';
import { MssError } from '../errors.ts';

const libc = koffi.load('libc.so.6');
const cSocket = libc.func('int socket(int, int, int)');
const cClose = libc.func('int close(int)');
const cSendto = libc.func('int64_t sendto(int, const void *, size_t, int, const void *, uint32_t)');
const cSetsockopt = libc.func('int setsockopt(int, int, int, const void *, uint32_t)');

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_RAW = 3;
/** "the header is included", for both families */
const IPPROTO_RAW = 255;
const SOL_SOCKET = 1;
const SO_BINDTODEVICE = 25;
const MSG_DONTWAIT = 0x40;

export class RawIpSocket {
  readonly #fds: Record<4 | 16, number>;

  /**
   * @param interfaceName the interface to send on; empty: by the routing table
   * @throws MssError 'network'
   */
  constructor(interfaceName: string) {
    this.#fds = { 4: cSocket(AF_INET, SOCK_RAW, IPPROTO_RAW), 16: cSocket(AF_INET6, SOCK_RAW, IPPROTO_RAW) };
    if (this.#fds[4] < 0) throw new MssError('network', `raw socket: error ${koffi.errno()}; CAP_NET_RAW is needed`);
    if (interfaceName === '') return;
    const name = Buffer.from(`${interfaceName}\0`);
    for (const fd of Object.values(this.#fds)) {
      if (fd < 0 || cSetsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, name.length) === 0) continue;
      const errno = koffi.errno();
      this.close();
      throw new MssError('network', `respond.interface ${interfaceName}: cannot be sent on, error ${errno}`);
    }
  }

  /** @param dst 4 or 16 bytes. @returns false when the kernel does not take it: no route, or a full queue */
  send(packet: Uint8Array, dst: Uint8Array): boolean {
    const fd = this.#fds[dst.length as 4 | 16];
    if (fd < 0) return false; // a kernel without IPv6
    const address = Buffer.alloc(dst.length === 4 ? 16 : 28); // sockaddr_in, sockaddr_in6; no port
    address.writeUInt16LE(dst.length === 4 ? AF_INET : AF_INET6, 0);
    address.set(dst, dst.length === 4 ? 4 : 8);
    return Number(cSendto(fd, packet, packet.length, MSG_DONTWAIT, address, address.length)) === packet.length;
  }

  close(): void {
    for (const fd of Object.values(this.#fds)) if (fd >= 0) cClose(fd);
  }
}
