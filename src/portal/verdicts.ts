// What persons say of incidents, on its way to ids: a spool stream of their own.
import type { SensorEvent } from '../api/event.ts';
import { MssError } from '../errors.ts';
import type { Paths } from '../paths.ts';
import { SpoolWriter } from '../spool/writer.ts';

const BUDGET = { segmentBytes: 1 << 20, maxBytes: 8 << 20 };

/** Opens the stream when the first verdict comes. @returns a function that throws MssError 'io' when it cannot be kept */
export function openVerdicts(paths: Paths): (event: SensorEvent) => void {
  let writer: SpoolWriter | undefined;
  return (event) => {
    writer ??= new SpoolWriter(paths.spoolDir('verdicts'), BUDGET);
    writer.append(event);
    const refused = writer.flush();
    if (refused !== undefined) throw new MssError('io', refused);
  };
}
