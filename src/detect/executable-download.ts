// A program that arrives over the network in the clear: judged by what the file is, not by its name; a program under a
// picture's or document's name is worse, and so is one from a bare address, or fetched by a script's own means. What
// many of our hosts fetch from one place is an update. BotHunter's "egg download"; MITRE ATT&CK T1105.
// Reads EVE's fileinfo, where `src_ip` is the sender and `dest_ip` the receiver.
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';
import { isAddressLiteral, isEveryday } from './everyday.ts';
import { Popularity } from './popularity.ts';
import { partOf, textOf } from './sides.ts';

// how libmagic names what a machine can run
const PROGRAM =
  /^(PE32|MS-DOS executable|ELF .*(executable|shared object)|Mach-O|DOS batch file|PowerShell|HTML Application)/;
const PROGRAM_NAME = /\.(exe|dll|sys|scr|com|cpl|ocx|msi|bin|cab|bat|ps1|so|run|appimage)$/i;
const SCRIPT_NAME = /\.(ps1|vbs|vbe|hta|bat|scr|wsf|jse)$/i;
// how scripts and droppers fetch; a person's browser says otherwise
const SCRIPTED = /powershell|certutil|bitsadmin|winhttp|wininet|curl\/|wget\/|python-|^$/i;
/** hosts that fetched from the same place, from which on it is a place where programs come from */
export const COMMON_SOURCE_HOSTS = 5;

export class ExecutableDownloadDetector implements Detector {
  readonly name = 'executable-download';
  readonly kinds = ['fileinfo'];
  readonly #isHome: IsHome;
  readonly #sources = new Popularity();

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  get evictedKeys(): number {
    return this.#sources.evictedKeys;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const { src_ip: sender, dest_ip: receiver } = record;
    if (record.event_type !== 'fileinfo' || sender === undefined || receiver === undefined) return [];
    const file = partOf(record, 'fileinfo');
    const http = partOf(record, 'http');
    const magic = textOf(file.magic);
    const host = textOf(http.hostname);
    const name = textOf(file.filename).split(/[?#]/)[0];
    const program = PROGRAM.test(magic);
    if ((!program && !SCRIPT_NAME.test(name)) || isEveryday(host)) return [];
    const disguised = program && /\.\w{2,4}$/.test(name) && !PROGRAM_NAME.test(name);
    const scripted = isAddressLiteral(host) || (host !== '' && SCRIPTED.test(textOf(http.http_user_agent)));
    const common = this.#sources.note(host || sender, receiver) >= COMMON_SOURCE_HOSTS;
    const confidence = disguised ? 0.8 : common ? 0.3 : scripted ? 0.6 : 0.5;
    const kind = magic === '' ? 'a script' : magic.split(',')[0];
    const summary = `${kind} ${disguised ? `named as something else (${name})` : `(${name})`} from ${host || sender}`;
    const event = { timeUs, detector: this.name, summary: summary.slice(0, 300), ...endsOf(record) };
    const events: DialogEvent[] = [];
    if (this.#isHome(receiver)) events.push({ ...event, phase: 'download', host: receiver, confidence });
    // a program put on a neighbour's share is how worms and intruders move on
    if (record.app_proto === 'smb' && this.#isHome(sender) && (record.dest_port ?? 0) === 445) {
      events.push({ ...event, phase: 'spread', host: sender, confidence: 0.5 });
    }
    return events;
  }
}
