// A small attack of our own making: a web server is probed, answers as a broken-into one does, then opens a command
// channel outwards. Harmless bytes, complete TCP sessions with right checksums, documentation addresses outside.
import type { CapturedPacket } from '../../src/pcap/packet.ts';

export const VICTIM = '192.168.77.10';
export const ATTACKER = '203.0.113.66';
export const SAMPLE_HOME_NET = '192.168.77.0/24';
/** Suricata rules that the sample sets off, of our own. */
export const SAMPLE_RULES = [
  'alert http any any -> $HOME_NET any (msg:"SAMPLE command injection in a URI"; flow:established,to_server; http.uri; content:"cmd=id"; classtype:web-application-attack; sid:9900001; rev:1;)',
  'alert tcp $HOME_NET any -> any any (msg:"SAMPLE id check returned root"; flow:established,to_client; content:"uid=0|28|root|29|"; classtype:successful-admin; sid:9900002; rev:1;)',
  'alert tcp $HOME_NET any -> $EXTERNAL_NET 4444 (msg:"SAMPLE command channel"; flow:established,to_server; content:"beacon "; classtype:command-and-control; sid:9900003; rev:1;)',
  '',
].join('\n');

const SHORTEST_FRAME = 60;
const FIN = 1;
const SYN = 2;
const PSH = 8;
const ACK = 16;
const MAC_INSIDE = Buffer.from('020000000010', 'hex');
const MAC_OUTSIDE = Buffer.from('020000000066', 'hex');

interface Session {
  client: string;
  clientPort: number;
  server: string;
  serverPort: number;
}

/** RFC 1071 */
function checksum(...parts: Buffer[]): number {
  const bytes = Buffer.concat(parts);
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at] << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

const addressBytes = (address: string): Buffer => Buffer.from(address.split('.').map(Number));

/** An Ethernet frame with IPv4 and TCP, RFC 791 and 9293. */
function tcpFrame(
  session: Session,
  fromClient: boolean,
  seq: number,
  ack: number,
  flags: number,
  payload: Buffer,
): Buffer {
  const [source, sourcePort, target, targetPort] = fromClient
    ? [session.client, session.clientPort, session.server, session.serverPort]
    : [session.server, session.serverPort, session.client, session.clientPort];
  const tcp = Buffer.alloc(20);
  tcp.writeUInt16BE(sourcePort, 0);
  tcp.writeUInt16BE(targetPort, 2);
  tcp.writeUInt32BE(seq >>> 0, 4);
  tcp.writeUInt32BE(flags & ACK ? ack >>> 0 : 0, 8);
  tcp.writeUInt16BE((5 << 12) | flags, 12);
  tcp.writeUInt16BE(64240, 14);
  const pseudo = Buffer.alloc(4);
  pseudo.writeUInt16BE(6, 0);
  pseudo.writeUInt16BE(tcp.length + payload.length, 2);
  tcp.writeUInt16BE(checksum(addressBytes(source), addressBytes(target), pseudo, tcp, payload), 16);

  const ip = Buffer.alloc(20);
  ip.writeUInt16BE(0x4500, 0);
  ip.writeUInt16BE(40 + payload.length, 2);
  ip.writeUInt16BE(0x4000, 6);
  ip.writeUInt8(64, 8);
  ip.writeUInt8(6, 9);
  addressBytes(source).copy(ip, 12);
  addressBytes(target).copy(ip, 16);
  ip.writeUInt16BE(checksum(ip), 10);

  const inward = target === VICTIM;
  const macs = inward ? [MAC_INSIDE, MAC_OUTSIDE] : [MAC_OUTSIDE, MAC_INSIDE];
  const frame = Buffer.concat([...macs, Buffer.from([8, 0]), ip, tcp, payload]);
  // The wire pads what is shorter (IEEE 802.3, 3.2.8).
  return Buffer.concat([frame, Buffer.alloc(Math.max(0, SHORTEST_FRAME - frame.length))]);
}

/** A whole session: handshake, the turns one after another (client first), orderly end. */
function tcpSession(session: Session, turns: readonly string[]): Buffer[] {
  const frames: Buffer[] = [];
  const next = { client: 1000 + session.clientPort, server: 900_000 + session.clientPort };
  const say = (fromClient: boolean, flags: number, text = '') => {
    const payload = Buffer.from(text, 'latin1');
    const [me, peer] = fromClient ? (['client', 'server'] as const) : (['server', 'client'] as const);
    frames.push(tcpFrame(session, fromClient, next[me], next[peer], flags, payload));
    next[me] += payload.length + (flags & (SYN | FIN) ? 1 : 0);
  };
  say(true, SYN);
  say(false, SYN | ACK);
  say(true, ACK);
  for (const [turn, text] of turns.entries()) {
    say(turn % 2 === 0, PSH | ACK, text);
    say(turn % 2 !== 0, ACK);
  }
  say(true, FIN | ACK);
  say(false, FIN | ACK);
  say(true, ACK);
  return frames;
}

const http = (status: string, body: string): string =>
  `HTTP/1.1 ${status}\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** The attacker's first port in a round: probe, then break-in one above, then the victim's own channel two above. */
export const samplePort = (round: number): number => 40_000 + (round % 8000) * 3;

/** The frames of the attack. `round` changes the attacker's ports, so that each replay makes flows of its own. */
export function makeSampleFrames(round = 0): Buffer[] {
  const port = samplePort(round);
  const web = { client: ATTACKER, server: VICTIM, serverPort: 80 };
  return [
    ...tcpSession({ ...web, clientPort: port }, [
      'GET /robots.txt HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: probe\r\n\r\n',
      http('404 Not Found', 'no such page'),
    ]),
    ...tcpSession({ ...web, clientPort: port + 1 }, [
      'GET /cgi-bin/status?cmd=id HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: probe\r\n\r\n',
      http('200 OK', 'uid=0(root) gid=0(root) groups=0(root)'),
    ]),
    ...tcpSession({ client: VICTIM, clientPort: port + 2, server: ATTACKER, serverPort: 4444 }, [
      'beacon 1\n',
      'sleep 60\n',
      'beacon 2\n',
      'sleep 60\n',
    ]),
  ];
}

/** The same as captured packets, a millisecond apart. */
export function makeSampleAttack(round = 0, startNs = BigInt(Date.now()) * 1_000_000n): CapturedPacket[] {
  return makeSampleFrames(round).map((data, index) => ({
    timeNs: startNs + BigInt(index) * 1_000_000n,
    linkType: 1,
    capturedLength: data.length,
    originalLength: data.length,
    data,
  }));
}
