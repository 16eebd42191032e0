// What a SIEM reads: read back with our own readers of syslog and CEF, and the text itself where the format decides.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SensorEvent } from '../../../src/api/event.ts';
import type { Incident } from '../../../src/api/incident.ts';
import { defaultConfig } from '../../../src/config/parse.ts';
import { readCef } from '../../../src/logs/body/cef.ts';
import { parseLog } from '../../../src/logs/parse.ts';
import { renderCef } from '../../../src/respond/siem/cef.ts';
import { isForSiem, planSiem } from '../../../src/respond/siem/plan-siem.ts';
import { renderSiem } from '../../../src/respond/siem/render-siem.ts';

const SOURCE = { host: 'sensor7', sensor: 'lab', domain: 'default' };
const alert = (more: object = {}, rank = 50): SensorEvent => ({
  type: 'alert',
  timeUs: 1_795_521_600_123_456,
  eve: {
    timestamp: '2026-11-24T12:00:00.123456+0000',
    event_type: 'alert',
    src_ip: '10.0.0.5',
    src_port: 51234,
    dest_ip: '198.51.100.9',
    dest_port: 443,
    proto: 'TCP',
    app_proto: 'tls',
    community_id: '1:abc=',
    alert: {
      action: 'allowed',
      gid: 1,
      signature_id: 2019401,
      rev: 3,
      signature: 'ET MALWARE a|b \\ c=d',
      category: 'A Network Trojan was detected',
      severity: 1,
    },
    mss: { rank, reasons: ['+40 severity 1', '+10 rare'], class: 'mine' },
    ...more,
  },
});
const incident: Incident = {
  id: '0123456789abcdef',
  host: '2001:db8::5',
  score: 1.23,
  rank: 80,
  phases: ['exploit', 'c2'],
  actors: { attackers: ['203.0.113.1'], eggSources: [], controllers: ['198.51.100.9', '198.51.100.10'], targets: [] },
  firstUs: 1_795_521_600_000_000,
  lastUs: 1_795_521_700_000_000,
  state: 'open',
  evidence: [{ timeUs: 1_795_521_600_000_000, phase: 'c2', detector: 'beacon', summary: 'every 60 s\nas a=b' }],
  evidenceDropped: 2,
};

test('an alert: header, ends, rule and rank, in a message of RFC 5424', () => {
  expect(renderSiem(alert(), SOURCE)).toBe(
    '<115>1 2026-11-24T12:00:00.123Z sensor7 mss-ids - - - ' +
      'CEF:0|MetaFlows|MSS sensor|2.0|1:2019401|ET MALWARE a\\|b \\\\ c=d|8|' +
      'rt=1795521600123 dvchost=sensor7 deviceExternalId=default/lab cat=A Network Trojan was detected act=allowed ' +
      'src=10.0.0.5 dst=198.51.100.9 spt=51234 dpt=443 proto=TCP app=tls externalId=1:abc\\= cn1=50 cn1Label=Rank ' +
      'cs1=1:2019401:3 cs1Label=Rule cs2=mine cs2Label=Class cs4=+40 severity 1; +10 rare cs4Label=Reasons',
  );
});

test('an incident: whose, what, who took part; IPv6 in fields of its own', () => {
  const message = renderSiem({ type: 'incident', timeUs: incident.lastUs, incident }, SOURCE)!;
  expect(message).not.toContain('\n');
  const log = parseLog(message, {
    arrivedUs: incident.lastUs,
    sender: '192.0.2.1',
    transport: 'tcp',
    offsetMinutes: 0,
  });
  expect(log).toMatchObject({ format: '5424', host: 'sensor7', app: 'mss-ids', facility: 14, severity: 2 });
  expect(readCef(message)).toMatchObject({
    signatureId: 'incident',
    severity: '9',
    externalId: incident.id,
    act: 'open',
    c6a2: '2001:db8::5',
    dst: '198.51.100.9',
    cnt: '3',
    cs2: '203.0.113.1',
    cs4: '198.51.100.9,198.51.100.10',
    msg: 'every 60 s\nas a=b',
  });
  expect(readCef(message)).not.toHaveProperty('src');
});

test('a notice; and nothing of what a SIEM does not want', () => {
  const notice: SensorEvent = { type: 'notice', timeUs: 0, service: 'capture', level: 'error', text: 'stopped' };
  expect(readCef(renderSiem(notice, SOURCE)!)).toMatchObject({ signatureId: 'notice', msg: 'stopped', severity: '8' });
  expect(renderSiem({ type: 'gap', timeUs: 0, stream: 'x', from: 0, to: 1, count: 2 }, SOURCE)).toBeUndefined();
});

test('whatever the wire says, it is one line of bounded length that reads back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), fc.string({ unit: 'binary' }), (value, name) => {
      const message = renderCef({ classId: 'x', name, severity: 5, extension: { msg: value, cat: 'end' } });
      expect(message).not.toMatch(/[\u0000-\u001f\u007f\u2028\u2029]/);
      expect(message.length).toBeLessThan(4000);
      const wanted = value
        .replaceAll(/\r\n|[\r\u2028\u2029]/g, '\n')
        .replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f]/g, ' ');
      const read = readCef(message)!;
      if (value.length <= 1023) expect((read.msg ?? '').trimEnd()).toBe(wanted.trimEnd());
      expect(read.cat).toBe('end');
    }),
  );
});

test('chosen: topics, the least rank, and no alert that a class ignores', () => {
  const siem = { ...defaultConfig().siem, to: 'siem.example:514' };
  expect(isForSiem(alert(), siem)).toBe(true);
  expect(isForSiem(alert(), { ...siem, alertRank: 51 })).toBe(false);
  expect(isForSiem(alert({ mss: { rank: 90, reasons: [], action: 'ignore' } }), siem)).toBe(false);
  expect(isForSiem(alert(), { ...siem, about: ['incidents'] })).toBe(false);
  expect(isForSiem({ type: 'incident', timeUs: 0, incident }, { ...siem, about: ['incidents'] })).toBe(true);
  expect(isForSiem({ type: 'incident', timeUs: 0, incident }, { ...siem, about: [] })).toBe(false);
  expect(planSiem(siem)).toEqual({ host: 'siem.example', port: 514, transport: 'tcp', caFile: '' });
  expect(planSiem(defaultConfig().siem)).toBeUndefined();
});
