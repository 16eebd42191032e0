// What answers on the machine, asked by a neighbour on its management network: every port of TCP and of UDP.
import { expect, test } from 'vitest';
import type { Machine } from '../../tools/boot/machine.ts';
import { figure } from '../../tools/shell.ts';

/** A question that a resolver, an mDNS or an LLMNR responder answers: example.org, A (RFC 1035). */
const DNS_QUESTION = Buffer.concat([
  Buffer.from('000001000001000000000000', 'hex'),
  Buffer.from('\x07example\x03org\0', 'latin1'),
  Buffer.from('00010001', 'hex'),
]);
/** NTP version 4, client (RFC 5905). */
const NTP_QUESTION = Buffer.concat([Buffer.from([0x23]), Buffer.alloc(47)]);
const NTP_PORTS = [123, 323];
const EVERY_PORT = Array.from({ length: 65_535 }, (_, index) => index + 1);
const OUTSIDE = { address: '10.0.2.15', own: '10.0.2.77', knownPort: 22 };

/** Those that `ss` shows on other addresses than the loopback. */
async function listening(machine: Machine, protocol: 'tcp' | 'udp'): Promise<number[]> {
  const lines = (await machine.run(`ss -H -${protocol[0]}ln`)).trim().split('\n');
  const ends = lines.map((line) => line.split(/\s+/)[3]).filter((end) => !/^(127\.|\[::1\])/.test(end));
  return [...new Set(ends.map((end) => Number(end.slice(end.lastIndexOf(':') + 1))))].sort((a, b) => a - b);
}

/** The port table: what may listen on other addresses than the loopback. The last of UDP come by DHCP only. */
export function describeOutside(
  machine: () => Machine,
  tcpPorts: readonly number[],
  udpPorts: readonly number[],
): void {
  test('listens on nothing that the port table does not name', async () => {
    expect(await listening(machine(), 'tcp')).toEqual(tcpPorts);
    expect((await listening(machine(), 'udp')).filter((port) => !udpPorts.includes(port))).toEqual([]);
  });

  test('answers on the TCP ports of the port table alone, of all 65,535', async () => {
    const received = async () => Number(await machine().run('cat /sys/class/net/eth0/statistics/rx_packets'));
    const before = await received();
    const found = await machine().asNeighbour(OUTSIDE, (neighbour) => neighbour.scanTcp(EVERY_PORT));
    expect(found).toEqual({ accepted: tcpPorts, refused: [], spoke: [] });
    // and every question got as far as the machine
    expect((await received()) - before).toBeGreaterThan(EVERY_PORT.length);
    figure('open-tcp-ports', found.accepted.length, 'ports');
  });

  test('says nothing on any UDP port, not even that nobody is there', async () => {
    const found = await machine().asNeighbour(OUTSIDE, (neighbour) =>
      neighbour.scanUdp(EVERY_PORT, (port) => (NTP_PORTS.includes(port) ? NTP_QUESTION : DNS_QUESTION)),
    );
    expect(found).toEqual({ accepted: [], refused: [], spoke: [] });
  });
}
