// A machine that takes another's commands over Windows file sharing: tools for remote command lines leave the commands'
// output in files of known names on an administrative share (Impacket's wmiexec, dcomexec, smbexec, atexec), or speak
// over pipes of their own (PsExec, RemCom, winexe, PAExec). Names: the tools' public sources; MITRE ATT&CK T1021.002.
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';
import { partOf, textOf } from './sides.ts';

const OUTPUT_FILE = /(^|\\)(__\d{9,11}(\.\d{1,10})?|__output(_\d+)?|Temp\\[A-Za-z]{8}\.tmp)$/;
const SHELL_PIPE =
  /(^|\\)((PSEXESVC|PAExec)[^\\]*-(stdin|stdout|stderr)|RemCom_(communicat(o|io)n|std(in|out|err))\w*|ahexec(_\w+)?|winexesvc\w*|csexecsvc\w*)$/i;

export class RemoteShellDetector implements Detector {
  readonly name = 'remote-shell';
  readonly kinds = ['smb'];
  readonly #isHome: IsHome;

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const { src_ip: client, dest_ip: server } = record;
    const smb = partOf(record, 'smb');
    const name = textOf(smb.filename) || textOf(smb.named_pipe);
    if (client === undefined || server === undefined || name === '') return [];
    // asking for a file that is not there yet tells as much: the tools poll for it
    const pipe = SHELL_PIPE.test(name);
    if (!pipe && !OUTPUT_FILE.test(name)) return [];
    const summary = pipe
      ? `${client} speaks with a command line on ${server} over pipe ${name}`
      : `${client} fetches output of commands from ${server} (${name})`;
    const event = { timeUs, detector: this.name, summary: summary.slice(0, 300), confidence: 0.8, ...endsOf(record) };
    const events: DialogEvent[] = [];
    if (this.#isHome(server)) events.push({ ...event, phase: 'c2', host: server });
    if (this.#isHome(client)) events.push({ ...event, phase: 'spread', host: client });
    return events;
  }
}
