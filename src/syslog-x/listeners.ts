// The ports that are open: adopted or bound, each message handed on while the configuration wants its port.
import { messageOf } from '../errors.ts';
import { type Receiver, receiveTcp, receiveUdp, type StreamSink } from '../os/syslog-sockets.ts';
import { type FramingCounts, StreamFramer } from './framing.ts';
import { portName, type SyslogPort } from './ports.ts';

export class Listeners {
  readonly framing: FramingCounts = { truncatedMessages: 0, truncatedBytes: 0, misframedMessages: 0 };
  /** messages on a port that the configuration has turned off since it was opened */
  ignoredMessages = 0;

  readonly #inherited: ReadonlyMap<string, number>;
  readonly #onMessage: (bytes: Buffer, sender: string, transport: SyslogPort['transport']) => void;
  readonly #warn: (text: string) => void;
  readonly #open = new Map<string, Receiver>();
  readonly #failed = new Map<string, string>();
  #wanted = new Map<string, SyslogPort>();

  /**
   * @param inherited sockets that systemd passed, by {@link portName}
   * @param onMessage gets each message's bytes, which are only valid during the call
   * @param warn is told of a port that cannot be had, once for each reason
   */
  constructor(
    inherited: ReadonlyMap<string, number>,
    onMessage: (bytes: Buffer, sender: string, transport: SyslogPort['transport']) => void,
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

  /** Takes in what was already sent, then closes. */
  async drain(maxMs: number): Promise<void> {
    await Promise.all([...this.#open.values()].map((receiver) => receiver.drain(maxMs)));
  }

  async #openOne(name: string, port: SyslogPort): Promise<void> {
    const fd = this.#inherited.get(name);
    const where = fd === undefined ? { port: port.port } : { fd };
    const take = (bytes: Buffer, sender: string) => {
      if (this.#wanted.has(name)) this.#onMessage(bytes, sender, port.transport);
      else this.ignoredMessages++;
    };
    const onConnection = (sender: string): StreamSink => {
      const framer = new StreamFramer((message) => take(message, sender), this.framing);
      return { data: (bytes) => framer.push(bytes), end: () => framer.end() };
    };
    try {
      const receiver =
        port.transport === 'tcp'
          ? await receiveTcp(where, onConnection)
          : await receiveUdp(where, take, (error) => this.#warn(`${name}: ${error.message}`));
      this.#open.set(name, receiver);
      this.#failed.delete(name);
    } catch (error) {
      const why = messageOf(error);
      if (this.#failed.get(name) !== why) this.#warn(why);
      this.#failed.set(name, why);
    }
  }
}
