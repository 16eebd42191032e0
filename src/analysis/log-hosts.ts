// Which host of ours a log event tells of: the served end of its conversation, else what the log calls itself, as
// conversations taught it before, else who sent it, unless that one sends for several.
import type { LogRecord } from '../api/log-record.ts';
import type { Conversation } from '../detect/log-detector.ts';
import { plain } from './conversations.ts';

const MAX_NAMES = 20_000;

/** What of a log event says whose it is. */
export type Told = Pick<LogRecord, 'sender' | 'host' | 'fields'>;

export class LogHosts {
  readonly #isHome: (address: string) => boolean;
  /** name that a log calls itself -> address that conversations showed for it */
  readonly #addresses = new Map<string, string>();
  /** sender -> the one name it sends for; undefined for a relay */
  readonly #names = new Map<string, string | undefined>();

  constructor(isHome: (address: string) => boolean) {
    this.#isHome = isHome;
  }

  /** @param conversation the one that the event belongs to, where it was seen */
  find(log: Told, conversation: Conversation | undefined): string | undefined {
    this.#noteSender(log);
    const { source, destination } = log.fields ?? {};
    const served = destination ?? (conversation && otherEnd(conversation, source));
    if (served !== undefined && this.#isHome(plain(served))) {
      // a firewall names a destination that is not itself
      if (destination === undefined && log.host !== undefined) remember(this.#addresses, log.host, plain(served));
      return plain(served);
    }
    if (destination !== undefined)
      return source !== undefined && this.#isHome(plain(source)) ? plain(source) : undefined;
    const itself = log.host === undefined ? undefined : (this.#addresses.get(log.host) ?? plain(log.host));
    if (itself !== undefined && this.#isHome(itself)) return itself;
    return this.#isHome(log.sender) && this.#names.get(log.sender) !== undefined ? log.sender : undefined;
  }

  #noteSender({ sender, host = '' }: Told): void {
    const known = this.#names.get(sender);
    if (known === undefined && this.#names.has(sender)) return;
    remember(this.#names, sender, known === undefined || known === host ? host : undefined);
  }
}

const otherEnd = ({ src_ip, dest_ip }: Conversation, source: string | undefined): string =>
  source !== undefined && plain(source) === dest_ip ? src_ip : dest_ip;

/** The names untouched for longest make room. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > MAX_NAMES) map.delete(map.keys().next().value!);
}
