// A program that arrives over the network in the clear: judged by what the file is, not by its name; a program under a
// picture's or document's name is worse. Reads EVE's fileinfo, where `src_ip` is the sender and `dest_ip` the receiver.
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';

// how libmagic names what a machine can run
const PROGRAM =
  /^(PE32|MS-DOS executable|ELF .*(executable|shared object)|Mach-O|DOS batch file|PowerShell|HTML Application)/;
const PROGRAM_NAME = /\.(exe|dll|sys|scr|com|cpl|ocx|msi|bin|cab|bat|ps1|so|run|appimage)$/i;
const SCRIPT_NAME = /\.(ps1|vbs|vbe|hta|bat|scr|wsf|jse)$/i;
// where programs come from every day; everything else is worth a line of evidence, not more
const EVERYDAY_SOURCES =
  /(^|\.)(windowsupdate\.com|microsoft\.com|google\.com|gvt1\.com|mozilla\.(org|net)|debian\.org|ubuntu\.com|apple\.com|adobe\.com)$/i;

export class ExecutableDownloadDetector implements Detector {
  readonly name = 'executable-download';
  readonly kinds = ['fileinfo'];
  readonly #isHome: IsHome;

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const { src_ip: sender, dest_ip: receiver } = record;
    if (record.event_type !== 'fileinfo' || sender === undefined || receiver === undefined) return [];
    const file = (record.fileinfo ?? {}) as { filename?: string; magic?: string; size?: number };
    const host = ((record.http ?? {}) as { hostname?: string }).hostname ?? '';
    const name = (file.filename ?? '').split(/[?#]/)[0];
    const program = PROGRAM.test(file.magic ?? '');
    if ((!program && !SCRIPT_NAME.test(name)) || EVERYDAY_SOURCES.test(host)) return [];
    const disguised = program && /\.\w{2,4}$/.test(name) && !PROGRAM_NAME.test(name);
    const kind = (file.magic ?? 'a script').split(',')[0];
    const summary = `${kind} ${disguised ? `named as something else (${name})` : `(${name})`} from ${host || sender}`;
    const event = { timeUs, detector: this.name, summary: summary.slice(0, 300), ...endsOf(record) };
    const events: DialogEvent[] = [];
    if (this.#isHome(receiver))
      events.push({ ...event, phase: 'download', host: receiver, confidence: disguised ? 0.8 : 0.5 });
    // a program put on a neighbour's share is how worms and intruders move on
    if (record.app_proto === 'smb' && this.#isHome(sender) && (record.dest_port ?? 0) === 445) {
      events.push({ ...event, phase: 'spread', host: sender, confidence: 0.5 });
    }
    return events;
  }
}
