// DNS as EVE tells it, for the detectors' tests: questions of 10.0.0.5, and answers to it.
import type { EveRecord } from '../../src/eve/record.ts';
import { recordOf } from './records.ts';

export const asked = (rrname: string, seconds: number, client = '10.0.0.5'): EveRecord =>
  recordOf('dns', { version: 3, type: 'request', queries: [{ rrname, rrtype: 'A' }] }, seconds, {
    src_ip: client,
    dest_ip: '10.0.0.53',
    dest_port: 53,
    proto: 'UDP',
  });

export const answeredDns = (
  rrname: string,
  rcode: string,
  seconds: number,
  answers: object[] = [],
  client = '10.0.0.5',
): EveRecord =>
  recordOf('dns', { version: 3, type: 'response', rcode, queries: [{ rrname, rrtype: 'A' }], answers }, seconds, {
    src_ip: '10.0.0.53',
    src_port: 53,
    dest_ip: client,
    dest_port: 40_000,
    proto: 'UDP',
  });
