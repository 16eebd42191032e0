// The ports that are open: adopted or bound, each message handed on while the configuration wants its port.
import { messageOf } from '../errors.ts';
import type { Receiver } from '../os/syslog/receiver.ts';
import { receiveTcp, type StreamReceiver, type StreamSink } from '../os/syslog/tcp.ts';
import type { TlsSetup } from '../os/syslog/tls-setup.ts';
import { receiveUdp } from '../os/syslog/udp.ts';
import { type FramingCounts, StreamFramer } from './framing.ts';
import { portName, type SyslogPort } from './ports.ts';

const MAX_SAID = 100;

export class Listeners {
  readonly framing: FramingCounts = { truncatedMessages: 0, truncatedBytes: 0, misframedMessages: 0 };
  /** messages on a port that the configuration has turned off since it was opened */
  ignoredMessages = 0;

  readonly #inherited: ReadonlyMap<string, number>;
  readonly #onMessage: (bytes: Buffer, sender: string, transport: 'udp' | 'tcp' | 'tls') => void;
  readonly #warn: (text: string) => void;
  readonly #open = new Map<string, Receiver>();
  readonly #streams = new Set<StreamReceiver>();
  readonly #said = new Set<string>();
  #tls: TlsSetup | undefined;
  readonly #failed = new Map<string, string>();
  #wanted = new Map<string, SyslogPort>();

  /**
   * @param inherited sockets that systemd passed, by {@link portName}
   * @param onMessage gets each message's bytes, which are only valid during the call
   * @param warn is told of a port that cannot be had, once for each reason, and of senders that were refused
   */
  constructor(
    inherited: ReadonlyMap<string, number>,
    onMessage: (bytes: Buffer, sender: string, transport: 'udp' | 'tcp' | 'tls') => void,
    warn: (text: string) => void,
  ) {
    this.#inherited = inherited;
    this.#onMessage = onMessage;
    this.#warn = warn;
  }

  /** Receives on these ports from now on. A port once open stays so, since systemd holds it, but is not listened to. */
  async follow(ports: readonly SyslogPort[]): Promise<void> {
    this.#wanted = new Map(ports.map((port) => [portName(port), port]));
    for (const name of this.#failed.keys()) if (!this.#wanted.has(name)) this.#failed.delete(name);
    await this.openMissing();
  }

  /** TLS on TCP ports for connections from now on; undefined: none. */
  setTls(setup: TlsSetup | undefined): void {
    this.#tls = setup;
    for (const receiver of this.#streams) receiver.setTls(setup);
  }

  /** Tries again what could not be opened. */
  async openMissing(): Promise<void> {
    for (const [name, port] of this.#wanted) if (!this.#open.has(name)) await this.#openOne(name, port);
  }

  /** Names of the ports that are listened to. */
  get names(): string[] {
    return [...this.#open.keys()].filter((name) => this.#wanted.has(name));
  }

  get isOff(): boolean {
    return this.#wanted.size === 0;
  }

  /** Why ports are not open that should be. */
  get problems(): string[] {
    return [...this.#failed.values()];
  }

  get ports(): { name: string; port: number; inherited: boolean }[] {
    return [...this.#open].map(([name, { port, inherited }]) => ({ name, port, inherited }));
  }

  get udpPorts(): ReadonlySet<number> {
    return new Set([...this.#open].filter(([name]) => name.startsWith('udp')).map(([, { port }]) => port));
  }

  get connections(): number {
    return [...this.#open.values()].reduce((sum, receiver) => sum + receiver.connections(), 0);
  }

  get refusedConnections(): number {
    return [...this.#open.values()].reduce((sum, receiver) => sum + receiver.refusedConnections(), 0);
  }

  get failedHandshakes(): number {
    return [...this.#streams].reduce((sum, receiver) => sum + receiver.failedHandshakes(), 0);
  }

  /** Takes in what was already sent, then closes. */
  async drain(maxMs: number): Promise<void> {
    await Promise.all([...this.#open.values()].map((receiver) => receiver.drain(maxMs)));
  }

  /** A sender that tries again and again is said once. */
  #warnOnce(text: string): void {
    if (this.#said.has(text)) return;
    if (this.#said.size >= MAX_SAID) this.#said.clear();
    this.#said.add(text);
    this.#warn(text);
  }

  async #openOne(name: string, port: SyslogPort): Promise<void> {
    const fd = this.#inherited.get(name);
    const where = fd === undefined ? { port: port.port } : { fd };
    const take = (bytes: Buffer, sender: string, transport: 'udp' | 'tcp' | 'tls') => {
      if (this.#wanted.has(name)) this.#onMessage(bytes, sender, transport);
      else this.ignoredMessages++;
    };
    const onConnection = (sender: string, transport: 'tcp' | 'tls'): StreamSink => {
      const framer = new StreamFramer((message) => take(message, sender, transport), this.framing);
      return { data: (bytes) => framer.push(bytes), end: () => framer.end() };
    };
    const warn = (text: string) => this.#warnOnce(`${name}: ${text}`);
    try {
      if (port.transport === 'tcp') {
        const receiver = await receiveTcp(where, onConnection, warn);
        receiver.setTls(this.#tls);
        this.#streams.add(receiver);
        this.#open.set(name, receiver);
      } else {
        const onMessage = (bytes: Buffer, sender: string) => take(bytes, sender, 'udp');
        this.#open.set(name, await receiveUdp(where, onMessage, (error) => warn(error.message)));
      }
      this.#failed.delete(name);
    } catch (error) {
      const why = messageOf(error);
      if (this.#failed.get(name) !== why) this.#warn(why);
      this.#failed.set(name, why);
    }
  }
}
