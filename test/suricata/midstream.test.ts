// A conversation whose handshake was not captured, in the real engine: inspected, or not, as configured.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createFileEngine, EngineSession } from '../../src/suricata/apply-session.ts';
import { engine } from '../packets/engine.ts';
import { captureOf, httpExchange, tcpSession } from '../packets/tcp-session.ts';

const RULE = 'alert http any any -> any any (msg:"x"; flow:established,to_server; http.uri; content:"/evil"; sid:1;)\n';
const HANDSHAKE_FRAMES = 3;

test.skipIf(engine === undefined).each([
  [true, 1],
  [false, 0],
])('midstream %s: %i alerts', async (midstream, alerts) => {
  await using starter = createFileEngine(engine!);
  const session = await EngineSession.start(starter, { rules: RULE, homeNet: ['10.0.0.0/8'], midstream });
  const ends = { src: '10.0.0.1', srcPort: 5000, dst: '198.51.100.7', dstPort: 80 };
  const said = httpExchange('GET /evil HTTP/1.1\r\nHost: x.example\r\n\r\n', 'hello');
  const frames = tcpSession(ends, 1_700_000_000_000_000, said).slice(HANDSHAKE_FRAMES);
  writeFileSync(session.captureFile('one.pcapng'), captureOf(frames));
  const { eveFile, why } = await session.inspect('one.pcapng', 30_000);
  expect(why).toBeUndefined();
  expect(readFileSync(eveFile, 'utf8').split('"event_type":"alert"').length - 1).toBe(alerts);
  await session.close();
});
