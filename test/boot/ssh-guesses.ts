// Short ssh logins of one attacker at the sample's victim, as guessing looks on the wire.
import { GUESSES } from '../../src/detect/brute-force.ts';
import type { CapturedPacket } from '../../src/pcap/packet.ts';
import { ATTACKER, VICTIM } from '../../tools/boot/sample-attack.ts';
import { tcpSession } from '../packets/tcp-session.ts';

export const SSH_GUESS_PORT = 30_000;
export const SSH_GUESSES = GUESSES + 5;

/** The packets of all logins, from now on. */
export function makeSshGuesses(startUs = Date.now() * 1000): CapturedPacket[] {
  return Array.from({ length: SSH_GUESSES }, (_, i) =>
    tcpSession({ src: ATTACKER, srcPort: SSH_GUESS_PORT + i, dst: VICTIM, dstPort: 22 }, startUs + i * 100_000, [
      { from: 'server', bytes: 'SSH-2.0-OpenSSH_9.2p1\r\n' },
      { from: 'client', bytes: 'SSH-2.0-libssh_0.9\r\n' },
    ]),
  )
    .flat()
    .map(({ timeUs, data }) => ({
      timeNs: BigInt(timeUs) * 1000n,
      linkType: 1,
      capturedLength: data.length,
      originalLength: data.length,
      data,
    }));
}
