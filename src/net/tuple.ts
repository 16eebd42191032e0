// The five numbers that name a conversation: two addresses, two ports, one IP protocol.
import { MssError } from '../errors.ts';
import { canonicalAddress } from './address.ts';
import { formatProtocol, parseProtocol } from './protocol-number.ts';

export interface Tuple {
  /** canonical text, as formatAddress writes it */
  src: string;
  /** port, or ICMP type; 0 where the protocol has none */
  srcPort: number;
  dst: string;
  /** port, or ICMP code */
  dstPort: number;
  /** IP protocol number */
  proto: number;
}

/** Parses `SRC,SPORT,DST,DPORT,PROTO` ("10.0.0.1,1234,192.0.2.1,80,tcp"). Throws `usage`. */
export function parseTuple(text: string): Tuple {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length !== 5) throw notATuple(text, `${parts.length} parts instead of 5`);
  const [src, srcPort, dst, dstPort, proto] = parts;
  for (const port of [srcPort, dstPort]) {
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) throw notATuple(text, `"${port}" is not a port`);
  }
  try {
    return {
      src: canonicalAddress(src),
      srcPort: Number(srcPort),
      dst: canonicalAddress(dst),
      dstPort: Number(dstPort),
      proto: parseProtocol(proto),
    };
  } catch (cause) {
    throw notATuple(text, cause instanceof Error ? cause.message : String(cause));
  }
}

/** The form parseTuple reads. */
export function formatTuple(tuple: Tuple): string {
  return `${tuple.src},${tuple.srcPort},${tuple.dst},${tuple.dstPort},${formatProtocol(tuple.proto)}`;
}

/** The same conversation, seen from the other end. */
export function reverseTuple(tuple: Tuple): Tuple {
  return { src: tuple.dst, srcPort: tuple.dstPort, dst: tuple.src, dstPort: tuple.srcPort, proto: tuple.proto };
}

function notATuple(text: string, why: string): MssError {
  return new MssError(
    'usage',
    `flow "${text}": ${why}; write SRC,SPORT,DST,DPORT,PROTO like 10.0.0.1,1234,192.0.2.1,80,tcp`,
  );
}
