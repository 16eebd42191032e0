// The generated configuration, judged by the real engine; what it says in words we check is what others rely on.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { engineMajor, giveToEngine, insideEngine, runEngine } from '../../src/os/engine-process.ts';
import { type EngineFacts, planEngine } from '../../src/suricata/plan-engine.ts';
import { renderSuricataYaml } from '../../src/suricata/render-suricata-yaml.ts';
import { engines } from '../packets/engine.ts';

const GIB = 2 ** 30;
const facts = (dir: string, more: Partial<EngineFacts> = {}): EngineFacts => ({
  engineMajor: 8,
  cores: 2,
  memoryBytes: 4 * GIB,
  interfaces: ['lo'],
  homeNet: ['10.0.0.0/8', '!10.9.0.0/16', 'fc00::/7'],
  midstream: true,
  files: {
    rulesFile: `${dir}/mss.rules`,
    thresholdsFile: `${dir}/threshold.config`,
    configDir: '/etc/suricata',
    logDir: dir,
    eveDir: dir,
    commandSocket: `${dir}/engine.sock`,
    cacheDir: `${dir}/patterns`,
  },
  ...more,
});

let workDir: string;
beforeEach(() => {
  workDir = mkdtempSync(join(tmpdir(), 'mss-'));
  giveToEngine(workDir);
});
afterEach(() => rmSync(workDir, { recursive: true, force: true }));

describe.each(engines)('$label takes it whole', (engine) => {
  test.each<[string, Partial<EngineFacts>]>([
    ['live, two interfaces', { interfaces: ['lo', 'eth7'] }],
    ['live, large machine', { cores: 32, memoryBytes: 256 * GIB }],
    ['live, small machine', { cores: 1, memoryBytes: GIB }],
    ['files', { interfaces: [] }],
    ['all of the address space', { homeNet: ['0.0.0.0/0'] }],
  ])('%s', async (_name, more) => {
    const inside = insideEngine(engine, workDir);
    copyFileSync('services/ids/rules/mss.rules', join(workDir, 'mss.rules'));
    writeFileSync(join(workDir, 'threshold.config'), 'suppress gen_id 1, sig_id 9000001\n');
    const plan = planEngine(facts(inside, { engineMajor: engineMajor(engine), ...more }));
    writeFileSync(join(workDir, 'suricata.yaml'), renderSuricataYaml(plan));
    const { code, output } = await runEngine(engine, ['-T', '-v', '-c', `${inside}/suricata.yaml`], workDir, 60_000);
    // an "any" home leaves nothing outside, which is what a person asked for
    expect(output.split('\n').filter((line) => /^(E|Error|W|Warning):/.test(line))).toEqual([]);
    expect(code).toBe(0);
    expect(output).toMatch(/[1-9]\d* rules successfully loaded, 0 rules failed/);
  });
});

test('Suricata 7 is asked for no records that came with 8, and for all the others', () => {
  const types = (engineMajor: number) => {
    const { outputs } = parse(renderSuricataYaml(planEngine(facts('/x', { engineMajor }))));
    return (outputs[0]['eve-log'].types as unknown[]).map((type) =>
      typeof type === 'string' ? type : Object.keys(type as object)[0],
    );
  };
  expect(types(8).filter((type) => !types(7).includes(type))).toEqual(['ldap', 'pop3', 'doh2', 'websocket', 'mdns']);
  expect(types(7).filter((type) => !types(8).includes(type))).toEqual([]);
  expect(types(9)).toEqual(types(8));
});

test('rings of all interfaces together stay within 1/128 of the memory, however many cores there are', () => {
  for (const cores of [1, 2, 4, 64]) {
    for (const count of [1, 2, 4]) {
      const memoryBytes = 64 * GIB;
      const interfaces = Array.from({ length: count }, (_, i) => `eth${i}`);
      const plan = planEngine(facts('/x', { cores, memoryBytes, interfaces }));
      const packets = plan.interfaces.reduce((sum, { ringPackets, threads }) => sum + ringPackets * threads, 0);
      expect(packets * 1616).toBeLessThanOrEqual(Math.max(memoryBytes / 128, 2048 * 1616 * cores * count));
      expect(new Set(plan.interfaces.map(({ clusterId }) => clusterId)).size).toBe(count);
      for (const { threads } of plan.interfaces) expect(threads).toBeGreaterThanOrEqual(1);
    }
  }
});

test('a configuration that would protect nothing, or break out of its quotes, is refused', () => {
  expect(() => renderSuricataYaml(planEngine(facts('/x', { homeNet: ['!10.0.0.0/8'] })))).toThrow('ids.homeNet');
  expect(() => renderSuricataYaml(planEngine(facts('/x"\nunix-command: no')))).toThrow('plain characters');
});
