// Windows' remote procedure calls and file sharing as EVE tells them, for the detectors' tests; 10.0.0.5 asks 10.0.0.9.
import type { EveRecord } from '../../src/eve/record.ts';
import { recordOf } from './records.ts';

const INSIDE = { dest_ip: '10.0.0.9', dest_port: 445 };

/** A call over SMB. */
export const callOverSmb = (uuid: string, opnum: number, seconds = 0, more: Partial<EveRecord> = {}): EveRecord =>
  smb({ command: 'SMB2_COMMAND_IOCTL', dcerpc: { request: 'REQUEST', opnum, interfaces: [{ uuid }] } }, seconds, more);

/** A call over TCP. */
export const callOverTcp = (uuid: string, opnum: number, seconds = 0, more: Partial<EveRecord> = {}): EveRecord =>
  recordOf('dcerpc', { request: 'REQUEST', req: { opnum }, interfaces: [{ uuid }] }, seconds, {
    ...INSIDE,
    dest_port: 49_154,
    ...more,
  });

export const smb = (part: object, seconds = 0, more: Partial<EveRecord> = {}): EveRecord =>
  recordOf('smb', part, seconds, { ...INSIDE, ...more });
