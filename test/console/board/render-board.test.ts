// The board as a person sees it: whole, narrow, broken, and fed by the enemy.
import { expect, test } from 'vitest';
import { drawScreen, renderBoard } from '../../../src/console/board/render-board.ts';
import { ratesBetween, type SensorSnapshot } from '../../../src/console/sensor-snapshot.ts';
import { readDetails } from '../../../src/console/status-details.ts';
import { NOW, sampleSnapshot, service } from '../sample-snapshot.ts';

const board = (snapshot: SensorSnapshot, size = { columns: 80, rows: 25 }, footer?: string) => {
  const before: SensorSnapshot = {
    ...snapshot,
    timeMs: NOW - 2000,
    interfaces: snapshot.interfaces.map((one) => ({
      ...one,
      rxPackets: one.rxPackets - 200,
      rxBytes: one.rxBytes - 50_000,
    })),
  };
  return renderBoard(
    { snapshot, details: readDetails(snapshot), rates: ratesBetween(before, snapshot) },
    { ...size, footer },
  );
};

test('a sensor at work', () => {
  expect(`\n${board(sampleSnapshot(), undefined, 'any key: log in').join('\n')}\n`).toMatchInlineSnapshot(`
    "
    MetaFlows sensor 2.0.0  probe-7  11:20:05 UTC
    ------------------------------------------------------------------------------
    Sensor 1, standalone
    Pages https://192.0.2.7:3001/
      certificate SHA-256 AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:
                          AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB
    control   running   takes jobs
    capture   running   captures eth1
    suricata  running
    ids       running   follows EVE
    syslog-x  running   takes logs
    updater   running   release 2.0.0
    portal    running   serves pages
    eth0      managed   link up  192.0.2.7/24  100 pkt/s 200 kb/s
    eth1      listens   link up  100 pkt/s 200 kb/s  7 dropped
    Packets   /dev/sdb (500 GB): 321 GB free
    Rules     30,123, 3 h old
    Machine   memory 800 MB of 4.0 GB, system disk 6.0 GB free of 10 GB
    Last alerts
      11:20:00 ET MALWARE beacon  198.51.100.4:1025 > 203.0.113.5:443
      11:19:05 ET SCAN Nmap  192.0.2.9:4000 > 198.51.100.4:80
    Last warnings
      11:19:35 syslog-x: odd sender \\x1b[2J?in

    any key: log in
    "
  `);
});

test('above the menu there are fewer lines: services at work share one', () => {
  const lines = board(sampleSnapshot(), { columns: 80, rows: 13 });
  expect(lines.slice(2)).toEqual([
    'Sensor 1, standalone',
    'Pages https://192.0.2.7:3001/',
    expect.stringContaining('certificate'),
    expect.stringContaining('AB:AB'),
    'Running   control capture suricata ids syslog-x updater portal',
    expect.stringMatching(/^eth0/),
    expect.stringMatching(/^eth1.*7 dropped/),
    expect.stringMatching(/^Packets/),
    expect.stringMatching(/^Rules/),
    expect.stringMatching(/^Machine/),
  ]);
});

test('an unconfigured machine says what to do', () => {
  const services = sampleSnapshot().services.map((facts) => ({
    ...facts,
    status: undefined,
    unit: { ...facts.unit!, active: 'inactive', sub: 'dead' },
  }));
  const lines = board(sampleSnapshot({ identity: { sensorNumber: 0, uuid: '' }, services, storage: undefined }));
  expect(`\n${lines.join('\n')}\n`).toMatchInlineSnapshot(`
    "
    MetaFlows sensor 2.0.0  probe-7  11:20:05 UTC
    ------------------------------------------------------------------------------
    Not configured: log in and take item 1 of the menu
    control   stopped
    capture   stopped
    suricata  stopped
    ids       stopped
    syslog-x  stopped
    updater   stopped
    portal    stopped
    eth0      managed   link up  192.0.2.7/24  100 pkt/s 200 kb/s
    eth1      listens   link up  100 pkt/s 200 kb/s
    Packets   no storage found yet
    Machine   memory 800 MB of 4.0 GB, system disk 6.0 GB free of 10 GB
    "
  `);
});

test('what is wrong stands out: a dead service, a silent one, a lost link, a share that is gone', () => {
  const sample = sampleSnapshot();
  const [control, capture, suricata, ids, ...others] = sample.services;
  const text = board({
    ...sample,
    services: [
      control,
      { ...capture, unit: { ...capture.unit!, active: 'failed', sub: 'failed', result: 'watchdog', restarts: 3 } },
      {
        ...suricata,
        unit: { ...suricata.unit!, active: 'activating', sub: 'auto-restart', result: 'exit-code' },
        lastExit: { service: 'suricata', count: 2, timeMs: NOW - 5000, how: 'killed by KILL' },
      },
      { ...ids, status: { ...ids.status!, updatedMs: NOW - 60_000 } },
      ...others,
    ],
    interfaces: sample.interfaces.map((one) => (one.name === 'eth1' ? { ...one, carrier: false } : one)),
    storage: { ...sample.storage!, mounted: false },
  }).join('\n');
  expect(text).toMatch(/capture +failed +\[restarted 3x\] captures eth1 \(watchdog\)/);
  expect(text).toMatch(/suricata +failed +\[restarted 2x, 11:20:00 killed by KILL\]/);
  expect(text).toMatch(/ids +silent +no sign of work for 60 s/);
  expect(text).toMatch(/eth1 +listens +NO LINK/);
  expect(text).toContain('NOT STORED: /dev/sdb (500 GB) is gone');
});

test.each([
  [80, 25],
  [80, 24],
  [40, 12],
  [132, 50],
  [200, 6],
])('fits on %i x %i, whatever there is to say', (columns, rows) => {
  const warnings = Array.from({ length: 10 }, (_, i) => ({ timeMs: NOW - i, text: 'w'.repeat(300) }));
  const sample = sampleSnapshot();
  const services = [...sample.services, service('console', 'm'.repeat(300), { warnings })];
  const lines = board({ ...sample, services }, { columns, rows }, 'footer');
  expect(lines).toHaveLength(rows);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(columns);
  expect(lines.at(-1)).toBe('footer');
});

test('text from the network cannot move the cursor: no control character, nothing but ASCII', () => {
  const evil = '\x1b]0;owned\x07\x9b2J\u202e\ud83d\ude00\r\n';
  const detail = { lastAlerts: [{ timeMs: NOW, signature: evil, src: evil, dest: evil }] };
  const services = [service('ids', evil, { detail, warnings: [{ timeMs: NOW, text: evil }] })];
  const lines = board(sampleSnapshot({ services, hostName: evil, release: evil, faults: [evil] }));
  for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]*$/);
  expect(lines.join('\n')).toContain('\\x1b]0;owned\\x07');
});

test('odd details of a status file are "not known", never a crash', () => {
  for (const detail of [{ rules: 5 }, { lastAlerts: 'x' }, { lastAlerts: [null, 7, {}] }, { rules: { count: NaN } }]) {
    expect(board(sampleSnapshot({ services: [service('ids', 'odd', { detail })] })).join('\n')).toContain('ids');
  }
});

test('drawing goes home, clears each line’s rest and the rest of the screen, and ends without a line feed', () => {
  expect(drawScreen(['a', 'b'])).toBe('\x1b[Ha\x1b[K\r\nb\x1b[K\x1b[J');
});
