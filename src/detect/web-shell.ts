// A web server that takes commands through a page left on it: a form sent to a page with the name of a published web
// shell, and answered. MITRE ATT&CK T1505.003; names: the shells' public sources. One that was renamed is not seen.
import type { EveRecord } from '../eve/record.ts';
import type { DialogEvent } from '../incidents/dialog-event.ts';
import { type Detector, endsOf, type IsHome } from './detector.ts';
import { partOf, textOf } from './sides.ts';

const SHELL_PAGE =
  /\/(antak|aspxspy\w*|cmdasp|c99(shell)?|r57(shell)?|b374k[\w.-]*|wso\d*|jspspy\w*|cmdjsp|p0wny(-?shell)?)\.(aspx?|ashx|php\d?|jspx?)(\?|$)/i;

export class WebShellDetector implements Detector {
  readonly name = 'web-shell';
  readonly kinds = ['http'];
  readonly #isHome: IsHome;

  constructor(isHome: IsHome) {
    this.#isHome = isHome;
  }

  observe(record: EveRecord, timeUs: number): DialogEvent[] {
    const { src_ip: client, dest_ip: server } = record;
    const { url, status, http_method } = partOf(record, 'http');
    const page = SHELL_PAGE.exec(textOf(url))?.[0];
    // scanners try the names everywhere, and are told that there is no such page
    if (client === undefined || server === undefined || page === undefined) return [];
    if (http_method !== 'POST' || status !== 200) return [];
    const summary = `${client} sends commands to a web shell on ${server} (${page.slice(0, 100)})`;
    const event = { timeUs, detector: this.name, summary, confidence: 0.7, ...endsOf(record) };
    const events: DialogEvent[] = [];
    if (this.#isHome(server)) events.push({ ...event, phase: 'c2', host: server });
    if (this.#isHome(client)) events.push({ ...event, phase: 'spread', host: client });
    return events;
  }
}
