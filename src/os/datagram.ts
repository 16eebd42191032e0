// Sends one UDP datagram, and says from where it left.
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { MssError } from '../errors.ts';

/**
 * @returns the local end that the system chose
 * @throws MssError 'network' when there is no way to the address
 */
export async function sendDatagram(
  text: string,
  address: string,
  port: number,
): Promise<{ address: string; port: number }> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  try {
    return await new Promise((done, fail) => {
      socket.once('error', fail);
      socket.connect(port, address, () => {
        const local = socket.address();
        socket.send(text, (error) => (error === null || error === undefined ? done(local) : fail(error)));
      });
    });
  } catch (cause) {
    throw new MssError('network', `cannot send to ${address}: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  } finally {
    socket.close();
  }
}

/** The IPv4 default gateway, out of /proc/net/route; undefined without one. */
export function findGateway(text = readFileSync('/proc/net/route', 'utf8')): string | undefined {
  for (const line of text.split('\n').slice(1)) {
    const [, destination, gateway] = line.split('\t');
    if (destination !== '00000000' || gateway === '00000000' || gateway === undefined) continue;
    // the kernel prints the address as a number of the machine's byte order
    return [...Buffer.from(gateway, 'hex')].reverse().join('.');
  }
  return undefined;
}
