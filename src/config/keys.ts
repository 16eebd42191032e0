// The keys of the configuration tree as a flat list, for `mss config list` and forms. Reads the schema; describes nothing itself.
import * as v from 'valibot';
import { SensorConfigSchema } from './sensor-config.ts';

export interface ConfigKey {
  /** "capture.snaplen" */
  path: string;
  label: string;
  help: string;
  default: unknown;
}

type Entries = Record<string, v.GenericSchema>;
type Wrapped = v.GenericSchema & { wrapped?: v.GenericSchema; entries?: Entries; pipe?: v.GenericSchema[] };

/** Below `optional` and `pipe` lies what the value is. */
function unwrap(schema: v.GenericSchema): Wrapped {
  const { wrapped, pipe } = schema as Wrapped;
  if (wrapped !== undefined) return unwrap(wrapped);
  if (pipe !== undefined && pipe[0] !== schema) return unwrap(pipe[0]);
  return schema as Wrapped;
}

/** title and description sit in the pipe, below `optional`. */
const described = (schema: v.GenericSchema): v.GenericSchema => (schema as Wrapped).wrapped ?? schema;

function* keysOf(schema: v.GenericSchema, path: string): Generator<ConfigKey> {
  const entries = unwrap(schema).entries;
  if (entries === undefined) {
    yield {
      path,
      label: v.getTitle(described(schema)) ?? path,
      help: v.getDescription(described(schema)) ?? '',
      default: v.getDefaults(schema),
    };
    return;
  }
  for (const [name, child] of Object.entries(entries)) yield* keysOf(child, path === '' ? name : `${path}.${name}`);
}

/** Every key, in the order of the tree. */
export const listKeys = (): ConfigKey[] => [...keysOf(SensorConfigSchema, '')];
