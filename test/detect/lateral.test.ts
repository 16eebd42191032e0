import { expect, test } from 'vitest';
import { recordOf, seen } from './records.ts';
import { callOverSmb, callOverTcp } from './windows-records.ts';

const SERVICES = '367abb81-9844-35f1-ad32-98f038001003';
const TASKS = '86d35949-83c9-4044-b424-db363231fd0c';
const WMI = '9556dc99-828c-11cf-a37e-00aa003240c7';
const REPLICATION = 'e3514235-4b06-11d1-ab04-00c04fc2dcd2';
const ACTIVATION = '000001a0-0000-0000-c000-000000000046';
const RESOLVER = '99fcfec4-5260-101b-bbcb-00aa0021347a';
const MIMIKATZ = '17fc11e9-c258-4b8d-8d07-2f4125156244';
const both = (confidence: number) => [`10.0.0.9 exploit ${confidence}`, `10.0.0.5 spread ${confidence}`];

test('a service, a task, a WMI method, the directory: on the one and by the other', () => {
  expect(seen('lateral', [callOverSmb(SERVICES, 12)])).toEqual(both(0.7));
  expect(seen('lateral', [callOverTcp(SERVICES, 12)])).toEqual(both(0.7));
  expect(seen('lateral', [callOverTcp(TASKS, 1)])).toEqual(both(0.7));
  expect(seen('lateral', [callOverTcp(WMI, 24)])).toEqual(both(0.6));
  expect(seen('lateral', [callOverTcp(REPLICATION, 3)])).toEqual(both(0.7));
});

test('an object made on another machine, though the calls to it are encrypted; and mimikatz by its own interface', () => {
  expect(seen('lateral', [callOverTcp(ACTIVATION, 4)])).toEqual(both(0.5));
  expect(seen('lateral', [callOverTcp(MIMIKATZ, 2)])).toEqual(both(0.8));
  // its class only asked for; where objects live; opened and closed without a command
  expect(seen('lateral', [callOverTcp(ACTIVATION, 3), callOverTcp(RESOLVER, 5)])).toEqual([]);
  expect(seen('lateral', [callOverTcp(MIMIKATZ, 0), callOverTcp(MIMIKATZ, 1)])).toEqual([]);
});

test('a WinRM session that was let in, not one that was refused', () => {
  const wsman = (status: number, url: string) =>
    recordOf('http', { url, status }, 0, { dest_ip: '10.0.0.9', dest_port: 5985 });
  expect(seen('lateral', [wsman(200, '/wsman?PSVersion=2.0')])).toEqual(both(0.5));
  expect(seen('lateral', [wsman(401, '/wsman'), wsman(200, '/wsmanual')])).toEqual([]);
});

test('near misses: reading of services, a controller that replicates, an answer, a machine by itself', () => {
  expect(seen('lateral', [callOverSmb(SERVICES, 15), callOverSmb(SERVICES, 16), callOverTcp(TASKS, 0)])).toEqual([]);
  const ticket = recordOf('krb5', { msg_type: 'KRB_AS_REP' }, 0, {
    src_ip: '10.0.0.5',
    src_port: 88,
    dest_port: 50_000,
  });
  expect(seen('lateral', [ticket, callOverTcp(REPLICATION, 3)])).toEqual([]);
  const answer = recordOf('dcerpc', { request: 'BIND', req: { opnum: 12 }, interfaces: [{ uuid: SERVICES }] }, 0);
  expect(seen('lateral', [answer])).toEqual([]);
  expect(seen('lateral', [callOverTcp(SERVICES, 12, 0, { dest_ip: '10.0.0.5' })])).toEqual([]);
});
