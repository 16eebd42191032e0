import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { applyPortFlags } from '../../src/syslog-x/port-flags.ts';
import { planFlags, planPorts, portName } from '../../src/syslog-x/ports.ts';

const units = readdirSync('services/syslog-x').filter((name) => name.endsWith('.socket'));

test('each port has a socket unit that passes it under its name', () => {
  const ports = planPorts({ enabled: true, keep514: false }).map(portName).sort();
  expect(ports).toEqual(['tcp-3004', 'udp-3004', 'udp-514']);
  expect(units.sort()).toEqual(ports.map((name) => `mss-syslog-x-${name}.socket`));
  for (const name of ports) {
    const [transport, port] = name.split('-');
    const text = readFileSync(`services/syslog-x/mss-syslog-x-${name}.socket`, 'utf8');
    expect(text).toContain(`FileDescriptorName=${name}\n`);
    expect(text).toContain(`${transport === 'udp' ? 'ListenDatagram' : 'ListenStream'}=${port}\n`);
  }
});

test('what the configuration leaves closed is flagged, and every socket unit looks for its flags', () => {
  expect(planPorts({ enabled: false, keep514: false })).toEqual([]);
  expect(planPorts({ enabled: true, keep514: true }).map(portName)).toEqual(['udp-3004', 'tcp-3004']);
  expect(planFlags({ enabled: false, keep514: true })).toEqual({ 'logs-off': true, 'keep-514': false });
  expect(planFlags({ enabled: true, keep514: true })).toEqual({ 'logs-off': false, 'keep-514': true });
  for (const unit of units) {
    const text = readFileSync(`services/syslog-x/${unit}`, 'utf8');
    expect(text).toContain('ConditionPathExists=!/run/mss/syslog-x/logs-off\n');
    expect(text.includes('ConditionPathExists=!/run/mss/syslog-x/keep-514\n')).toBe(unit.includes('514'));
  }
});

test('flags come and go with the configuration', () => {
  const dir = join(mkdtempSync(join(tmpdir(), 'mss-flags-')), 'syslog-x');
  applyPortFlags(dir, { enabled: true, keep514: true });
  expect(readdirSync(dir)).toEqual(['keep-514']);
  applyPortFlags(dir, { enabled: false, keep514: true });
  expect(readdirSync(dir)).toEqual(['logs-off']);
  applyPortFlags(dir, { enabled: true, keep514: false });
  expect(readdirSync(dir)).toEqual([]);
  rmSync(join(dir, '..'), { recursive: true });
});
