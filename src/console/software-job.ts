// start, stop, restart, reload and reset as commands: asked of control, said as it says it.
import type { Job } from '../api/job.ts';
import { messageOf } from '../errors.ts';
import { type AskControl, consoleSocket, controlOver } from '../os/control-client.ts';
import { emit, runCommand } from './output.ts';

export type SoftwareVerb = 'start' | 'stop' | 'restart' | 'reload' | 'reset';

/** Before the software starts, storage is looked for again: shares are often added later. */
async function findStorage(ask: AskControl, say: (text: string) => void): Promise<void> {
  try {
    say((await ask({ job: 'find-storage' }, say)).text);
  } catch (error) {
    say(`storage: ${messageOf(error)}`); // a sensor without storage still inspects
  }
}

export const runSoftwareJob = (verb: SoftwareVerb, json: boolean): Promise<void> =>
  runCommand(json, async () => {
    const ask = controlOver(consoleSocket());
    const say = (text: string) => emit(json, { type: 'progress', text }, text);
    if (verb === 'start' || verb === 'restart') await findStorage(ask, say);
    const job: Job = { job: verb };
    const { text } = await ask(job, say);
    emit(json, { type: 'done', job: verb, text }, text);
  });
