// A sensor at one moment, for whatever shows or judges it.
import type { ServiceStatus } from '../../src/api/status.ts';
import { defaultConfig } from '../../src/config/parse.ts';
import type { SensorSnapshot, ServiceFacts } from '../../src/console/sensor-snapshot.ts';
import type { ServiceName } from '../../src/paths.ts';

/** 2026-11-24 11:20:05 UTC */
export const NOW = Date.UTC(2026, 10, 24, 11, 20, 5);

export function service(name: ServiceName, message: string, more: Partial<ServiceStatus> = {}): ServiceFacts {
  return {
    name,
    unit: {
      unit: `mss-${name}.service`,
      loaded: true,
      active: 'active',
      sub: 'running',
      restarts: 0,
      result: 'success',
      mainPid: 100,
    },
    status: {
      service: name,
      state: 'running',
      message,
      pid: 100,
      startedMs: NOW - 3_600_000,
      updatedMs: NOW - 400,
      counters: {},
      detail: {},
      warnings: [],
      ...more,
    },
  };
}

/** Configured, everything at work; `more` is laid over it. */
export const sampleSnapshot = (more: Partial<SensorSnapshot> = {}): SensorSnapshot => ({
  timeMs: NOW,
  hostName: 'probe-7',
  release: '2.0.0',
  identity: { sensorNumber: 1, uuid: '6f9619ff-8b86-4011-b42d-00c04fc964ff' },
  services: [
    service('control', 'takes jobs'),
    service('capture', 'captures eth1', {
      detail: {
        interfaces: [
          {
            name: 'eth1',
            receivedPackets: 123_456,
            droppedPackets: 7,
            foreignUnicastPackets: 100_000,
            bothDirections: true,
          },
        ],
      },
    }),
    { ...service('suricata', ''), status: undefined },
    service('ids', 'follows EVE', {
      detail: {
        rules: { count: 30_123, updatedMs: NOW - 3 * 3_600_000 },
        lastAlerts: [
          { timeMs: NOW - 60_000, signature: 'ET SCAN Nmap', src: '192.0.2.9:4000', dest: '198.51.100.4:80' },
          { timeMs: NOW - 5000, signature: 'ET MALWARE beacon', src: '198.51.100.4:1025', dest: '203.0.113.5:443' },
        ],
      },
    }),
    service('syslog-x', 'takes logs', { warnings: [{ timeMs: NOW - 30_000, text: 'odd sender \x1b[2Jéin' }] }),
    service('updater', 'release 2.0.0'),
    service('portal', 'serves pages', {
      detail: { url: 'https://192.0.2.7:3001/', fingerprint: Array(32).fill('AB').join(':') },
    }),
  ],
  interfaces: [
    {
      name: 'eth0',
      mac: '00:50:56:00:00:01',
      up: true,
      carrier: true,
      speedMbps: 10_000,
      promiscuous: false,
      addresses: ['192.0.2.7/24'],
      rxPackets: 1000,
      rxBytes: 100_000,
      rxDropped: 0,
    },
    {
      name: 'eth1',
      mac: '00:50:56:00:00:02',
      up: true,
      carrier: true,
      promiscuous: true,
      addresses: [],
      rxPackets: 123_456,
      rxBytes: 98_765_432,
      rxDropped: 0,
    },
  ],
  storage: {
    kind: 'disk',
    mountPoint: '/nsm/packets',
    dir: '/nsm/packets/MetaFlows/6f9619ff-8b86-4011-b42d-00c04fc964ff',
    label: '/dev/sdb (500 GB)',
    totalBytes: 500e9,
    freeBytes: 321e9,
    mounted: true,
  },
  systemDisk: { totalBytes: 10e9, freeBytes: 6e9 },
  memory: { totalBytes: 4e9, availableBytes: 3.2e9 },
  config: defaultConfig(),
  overridden: [],
  faults: [],
  ...more,
});
