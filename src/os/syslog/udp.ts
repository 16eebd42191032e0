// Datagrams: a socket that only receives, adopted from systemd or bound here. Says nothing of what the bytes mean.
import { createSocket } from 'node:dgram';
import { MssError, messageOf } from '../../errors.ts';
import { openEither, plainAddress, type Receiver, untilQuiet, type Where } from './receiver.ts';

// what the kernel holds while we are busy; without rights it grants no more than net.core.rmem_max
const RECEIVE_BUFFER_BYTES = 16 << 20;

/**
 * Receives datagrams.
 * @param onMessage gets each datagram's bytes and its sender's address
 * @param onError what the socket reports later on
 * @throws MssError 'network' when the port cannot be had
 */
export async function receiveUdp(
  where: Where,
  onMessage: (bytes: Buffer, sender: string) => void,
  onError: (error: MssError) => void,
): Promise<Receiver> {
  let lastMs = 0;
  const open = async (type: 'udp4' | 'udp6') => {
    const socket = createSocket({ type, recvBufferSize: 'fd' in where ? undefined : RECEIVE_BUFFER_BYTES });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once('error', reject);
    if ('fd' in where) socket.bind({ fd: where.fd }, resolve);
    else socket.bind(where.port, resolve);
    try {
      await promise;
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.off('error', reject);
    socket.on('message', (bytes, from) => {
      lastMs = performance.now();
      onMessage(bytes, plainAddress(from.address));
    });
    socket.on('error', (error) => onError(new MssError('network', `udp socket: ${messageOf(error)}`)));
    return socket;
  };
  const socket = await openEither(
    where,
    'udp',
    () => open('udp6'),
    () => open('udp4'),
  );
  return {
    port: socket.address().port,
    inherited: 'fd' in where,
    connections: () => 0,
    refusedConnections: () => 0,
    async drain(maxMs) {
      // an inherited socket's queue is systemd's and goes to the next process
      if (!('fd' in where)) await untilQuiet(() => lastMs, maxMs);
      socket.close();
    },
  };
}
