// Known bad addresses and names in the real engine: what is listed alerts, its neighbours do not.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderRules } from '../../src/rules/render-rules.ts';
import { renderReputation } from '../../src/rules/reputation.ts';
import { enabledRules, planRuleset } from '../../src/rules/ruleset.ts';
import { createFileEngine, EngineSession } from '../../src/suricata/apply-session.ts';
import { engine } from '../packets/engine.ts';
import { captureOf, httpExchange, tcpSession, udpDatagram } from '../packets/tcp-session.ts';

/** A question for the address of a name (RFC 1035, 4.1). */
function dnsQuery(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]));
  return Buffer.concat([Buffer.from('000101000001000000000000', 'hex'), ...labels, Buffer.from('0000010001', 'hex')]);
}

test.skipIf(engine === undefined)('listed addresses, blocks and names alert, once for each pair', async () => {
  await using starter = createFileEngine(engine!);
  const { files, rules } = renderReputation(
    new Map([
      ['address', new Set(['198.51.100.7', '2001:db8::7', '9.9.0.0/16'])],
      ['domain', new Set(['bad.example'])],
    ]),
  );
  const session = await EngineSession.start(starter, {
    rules: renderRules(enabledRules(planRuleset(rules))),
    lists: files,
    homeNet: ['10.0.0.0/8'],
  });
  expect([...session.refused]).toEqual([]);
  const start = 1_700_000_000_000_000;
  const from = (src: string, dst: string, srcPort: number, dstPort: number) => ({ src, dst, srcPort, dstPort });
  const frames = [
    udpDatagram(from('10.0.0.1', '198.51.100.7', 5000, 4444), start, 'x'),
    udpDatagram(from('10.0.0.1', '198.51.100.7', 5000, 4444), start + 1000, 'again'),
    udpDatagram(from('10.0.0.1', '198.51.100.8', 5000, 4444), start + 2000, 'x'),
    udpDatagram(from('10.0.0.2', '10.0.0.53', 5001, 53), start + 3000, dnsQuery('BAD.example')),
    udpDatagram(from('10.0.0.2', '10.0.0.53', 5002, 53), start + 4000, dnsQuery('good.example')),
    ...tcpSession(
      from('10.0.0.3', '203.0.113.1', 5003, 80),
      start + 5000,
      httpExchange('GET / HTTP/1.1\r\nHost: bad.example\r\n\r\n', 'hello'),
    ),
    udpDatagram(from('10.0.0.5', '9.9.200.1', 5005, 4444), start + 4500, 'x'),
    udpDatagram(from('10.0.0.5', '9.10.0.1', 5005, 4444), start + 4600, 'x'),
    ...tcpSession(from('9.9.0.1', '10.0.0.6', 5006, 2222), start + 800_000, [{ from: 'client', bytes: 'hello' }]),
    ...tcpSession(from('198.51.100.7', '10.0.0.4', 5004, 2222), start + 900_000, [{ from: 'client', bytes: 'hello' }]),
  ];
  writeFileSync(session.captureFile('one.pcapng'), captureOf(frames));
  const { eveFile, why } = await session.inspect('one.pcapng', 30_000);
  expect(why).toBeUndefined();
  const alerts = readFileSync(eveFile, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"event_type":"alert"'))
    .map((line) => JSON.parse(line))
    .map(({ alert, src_ip, dest_ip }) => `${alert.signature_id} ${src_ip} ${dest_ip}`);
  expect(alerts.sort()).toEqual([
    '9000090 10.0.0.1 198.51.100.7',
    '9000091 198.51.100.7 10.0.0.4',
    '9000092 10.0.0.2 10.0.0.53',
    '9000094 10.0.0.3 203.0.113.1',
    '9000095 10.0.0.5 9.9.200.1',
    '9000096 9.9.0.1 10.0.0.6',
  ]);
  await session.close();
});
