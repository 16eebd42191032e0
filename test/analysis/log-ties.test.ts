import { expect, test } from 'vitest';
import { LogTies, WAIT_US } from '../../src/analysis/log-ties.ts';
import { parseEveTime } from '../../src/eve/parse.ts';
import type { EveRecord } from '../../src/eve/record.ts';
import { loginLog, logRecord, NOON_US } from '../detect/log-records.ts';
import { flowRecord, isHome, SECOND_US } from '../detect/records.ts';

const ATTACKER = '203.0.113.9';
const conversation = (flow_id: number, src_port: number, start: string, more: Partial<EveRecord> = {}): EveRecord => ({
  ...flowRecord(ATTACKER, '10.0.0.5', 22, { src_port, flow_id, community_id: `1:${flow_id}`, ...more }),
  timestamp: start,
  event_type: 'ssh',
  flow: undefined,
});
const take = (ties: LogTies, record: EveRecord) => ties.takeRecord(record, parseEveTime(record.timestamp)!);

test('a login belongs to the conversation of its address and port, and to the host at its other end', () => {
  const ties = new LogTies(isHome);
  take(ties, conversation(1, 40_001, '2026-11-24T11:59:58.000000+0000'));
  take(ties, conversation(2, 40_002, '2026-11-24T11:59:59.000000+0000'));
  expect(ties.takeLog(loginLog('failure', ATTACKER, { sourcePort: '40001' }), 7)).toMatchObject({
    record: 7,
    host: '10.0.0.5',
    conversation: { flow_id: 1, dest_ip: '10.0.0.5', dest_port: 22, community_id: '1:1' },
  });
  expect(ties).toMatchObject({ tied: 1, untied: 0 });
});

test('of two conversations from one port, the one closer in time', () => {
  const ties = new LogTies(isHome);
  take(ties, conversation(1, 40_001, '2026-11-24T11:58:30.000000+0000'));
  take(ties, conversation(2, 40_001, '2026-11-24T12:00:10.000000+0000'));
  expect(ties.takeLog(loginLog('failure', ATTACKER, { sourcePort: '40001' })).conversation?.flow_id).toBe(2);
});

test('none that was over long before', () => {
  const ties = new LogTies(isHome);
  take(ties, conversation(1, 40_001, '2026-11-24T11:50:00.000000+0000'));
  expect(ties.takeLog(loginLog('failure', ATTACKER, { sourcePort: '40001' })).conversation).toBeUndefined();
});

test('without ports, the addresses have to do; and an address as IPv6 senders shorten it', () => {
  const ties = new LogTies(isHome);
  const long = { src_ip: '2001:0db8:0000:0000:0000:0000:0000:0009', dest_ip: '10.0.0.5' };
  take(ties, conversation(3, 40_001, '2026-11-24T12:00:00.000000+0000', long));
  const log = logRecord({ action: 'connect', source: '2001:db8::9', destination: '10.0.0.5' });
  expect(ties.takeLog(log)).toMatchObject({ host: '10.0.0.5', conversation: { flow_id: 3 } });
});

test('a log event waits for a conversation that is told of when it ends, once', () => {
  const ties = new LogTies(isHome);
  const log = loginLog('success', ATTACKER, { sourcePort: '40001' });
  expect(ties.takeLog(log, 9)).toEqual({ log, record: 9, conversation: undefined, host: undefined });
  const flow = flowRecord(ATTACKER, '10.0.0.5', 22, { src_port: 40_001, flow_id: 4 });
  const [tied] = ties.takeRecord(flow, NOON_US).ties;
  expect(tied).toMatchObject({ record: 9, host: '10.0.0.5', conversation: { flow_id: 4 } });
  expect(ties.takeRecord(flow, NOON_US).ties).toEqual([]);
});

test('and is given up after a while, and counted', () => {
  const ties = new LogTies(isHome);
  ties.takeLog(loginLog('success', ATTACKER, { sourcePort: '40001' }));
  ties.takeRecord(flowRecord('10.0.0.8', '10.0.0.9', 80, { flow_id: 5 }), NOON_US + WAIT_US + 600 * SECOND_US);
  expect(ties).toMatchObject({ tied: 0, untied: 1 });
});

test('a name that a conversation taught is known in lines without any address', () => {
  const ties = new LogTies(isHome);
  take(ties, conversation(1, 40_001, '2026-11-24T11:59:58.000000+0000'));
  ties.takeLog(loginLog('success', ATTACKER, { sourcePort: '40001' }));
  expect(ties.takeLog(logRecord({ action: 'command', user: 'root' })).host).toBe('10.0.0.5');
});

test('a sender is the host it tells of, unless it sends for several', () => {
  const ties = new LogTies(isHome);
  const command = { action: 'command', user: 'root' };
  const host = (sender: string, name: string) => ties.takeLog(logRecord(command, { sender, host: name })).host;
  expect(host('10.0.0.7', 'web1')).toBe('10.0.0.7');
  expect(host('10.0.0.8', 'relay')).toBe('10.0.0.8');
  expect(host('10.0.0.8', 'web2')).toBeUndefined();
  expect(host('10.0.0.8', 'relay')).toBeUndefined();
  expect(host('198.51.100.1', 'far')).toBeUndefined();
});
