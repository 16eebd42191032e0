// Windows remote procedure calls in EVE's smb and dcerpc records, as one shape: which operation of which interface one
// machine asked of another. Names and numbers: Microsoft's open specifications (MS-SCMR, MS-TSCH, MS-WMI, …).
import type { EveRecord } from '../eve/record.ts';
import { partOf, textOf } from './sides.ts';

export interface RpcCall {
  client: string;
  server: string;
  /** `uuid/operation` of each interface that the conversation had bound; the engine does not say which was meant */
  operations: string[];
}

/** @returns undefined for a record that is no request */
export function readRpcCall(record: EveRecord): RpcCall | undefined {
  const { src_ip: client, dest_ip: server } = record;
  if (client === undefined || server === undefined) return undefined;
  const overSmb = record.event_type === 'smb';
  const rpc = overSmb ? partOf(partOf(record, 'smb'), 'dcerpc') : partOf(record, 'dcerpc');
  const operation = overSmb ? rpc.opnum : partOf(rpc, 'req').opnum;
  if (rpc.request !== 'REQUEST' || typeof operation !== 'number' || !Array.isArray(rpc.interfaces)) return undefined;
  const interfaces = (rpc.interfaces as unknown[]).filter((one) => typeof one === 'object' && one !== null);
  const operations = (interfaces as { uuid?: unknown }[]).map(({ uuid }) => `${textOf(uuid)}/${operation}`);
  return { client, server, operations };
}
