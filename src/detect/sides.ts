// Who asked and who answered in a record that may come from either end.
import type { EveRecord } from '../eve/record.ts';

export interface Sides {
  client?: string;
  server?: string;
  serverPort: number;
}

/** The client is the end with the higher port; between equals the one that the record names first. */
export function sidesOf({ src_ip, dest_ip, src_port = 0, dest_port = 0 }: EveRecord): Sides {
  return src_port >= dest_port
    ? { client: src_ip, server: dest_ip, serverPort: dest_port }
    : { client: dest_ip, server: src_ip, serverPort: src_port };
}

/** A protocol's own part of a record; empty where there is none. */
export const partOf = (record: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> => {
  const part = record[name];
  return typeof part === 'object' && part !== null ? (part as Record<string, unknown>) : {};
};

/** A field as text; '' where it is none. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
