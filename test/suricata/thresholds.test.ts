// A person's thresholds and suppressions in the real engine: they silence what they name, and nothing else.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderUdpFrame } from '../../src/pcap/render-frame.ts';
import { renderThresholds } from '../../src/rules/render-rules.ts';
import { createFileEngine, EngineSession } from '../../src/suricata/apply-session.ts';
import { engine } from '../packets/engine.ts';
import { captureOf } from '../packets/tcp-session.ts';

const ruleOf = (sid: number) => `alert udp any any -> any 9 (msg:"rule ${sid}"; content:"marker"; sid:${sid};)\n`;

test.skipIf(engine === undefined)('suppressed for one address, limited for all, untouched', async () => {
  await using starter = createFileEngine(engine!);
  const thresholds = renderThresholds([
    'suppress gen_id 1, sig_id 1, track by_src, ip [10.0.0.1,10.9.0.0/16]',
    'threshold gen_id 1, sig_id 2, type limit, track by_src, count 1, seconds 60',
    'suppress gen_id 1, sig_id 77',
  ]);
  const session = await EngineSession.start(starter, {
    rules: [1, 2, 3].map(ruleOf).join(''),
    thresholds,
    homeNet: ['10.0.0.0/8'],
  });
  const frames = ['10.0.0.1', '10.0.0.2', '10.9.9.9'].flatMap((src, n) =>
    [0, 1, 2].map((i) => ({
      timeUs: 1_700_000_000_000_000 + (n * 3 + i) * 1000,
      data: renderUdpFrame({ src, srcPort: 5000 + i, dst: '10.0.0.9', dstPort: 9 }, Buffer.from('marker')),
    })),
  );
  writeFileSync(session.captureFile('one.pcapng'), captureOf(frames));
  const { eveFile, why } = await session.inspect('one.pcapng', 30_000);
  expect(why).toBeUndefined();
  const counts: Record<string, number> = {};
  for (const line of readFileSync(eveFile, 'utf8').split('\n')) {
    if (!line.includes('"event_type":"alert"')) continue;
    const { src_ip, alert } = JSON.parse(line);
    const key = `${alert.signature_id} ${src_ip}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  expect(counts).toEqual({
    '1 10.0.0.2': 3,
    '2 10.0.0.1': 1,
    '2 10.0.0.2': 1,
    '2 10.9.9.9': 1,
    '3 10.0.0.1': 3,
    '3 10.0.0.2': 3,
    '3 10.9.9.9': 3,
  });
  await session.close();
});
