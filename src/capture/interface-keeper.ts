// The interfaces to capture on: their links as the kernel tells of them, bond0 kept, and which of them to open.
import { choosePromiscuous } from '../config/promiscuous.ts';
import type { SensorConfig } from '../config/sensor-config.ts';
import { messageOf } from '../errors.ts';
import { readInterfaces } from '../os/interfaces.ts';
import { LinkWatch } from '../os/netlink/link-watch.ts';
import { keepBond } from './keep-bond.ts';
import { readNicCounters } from './nic-counters.ts';

/** Nothing was heard of: looked at all the same, since a bond may have been refused for a passing reason. */
const LOOK_EVERY_MS = 5000;

export interface LinkState {
  /** it has a carrier */
  up: boolean;
  interfaceIndex: number;
  /** how often the carrier came or went since the service started */
  changes: number;
  /** when it last did, in milliseconds since 1970; 0: not yet */
  changedMs: number;
}

export class InterfaceKeeper {
  readonly #warn: (text: string) => void;
  readonly #changes = new Map<string, { changes: number; changedMs: number }>();
  #watch: LinkWatch | undefined;
  #opening: Promise<void> | undefined;
  #dirty = true;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #chosen: string[] = [];
  #members: readonly string[] = [];
  #bondTroubles: string[] = [];
  #deafBecause: string | undefined;

  constructor(warn: (text: string) => void) {
    this.#warn = warn;
  }

  /** What to capture on, also what is not there yet. Never throws. */
  async choose(capture: SensorConfig['capture'], nowMs: number): Promise<string[]> {
    this.#follow();
    if (!this.#dirty && nowMs - this.#lookedMs < LOOK_EVERY_MS) return this.#chosen;
    this.#dirty = false;
    this.#lookedMs = nowMs;
    this.#members = capture.bond;
    this.#takeTroubles(await keepBond(capture.bond).catch((error) => [messageOf(error)]));
    this.#chosen = choosePromiscuous(capture, readInterfaces());
    return this.#chosen;
  }

  /** A new configuration: what it says is done at the next turn. */
  reload(): void {
    this.#dirty = true;
  }

  /** Undefined where there is no such link. */
  find(name: string): LinkState | undefined {
    const { changes, changedMs } = this.#changes.get(name) ?? { changes: 0, changedMs: 0 };
    if (this.#watch === undefined) {
      const nic = readNicCounters(name);
      return nic && { up: nic.up, interfaceIndex: nic.interfaceIndex, changes, changedMs };
    }
    const link = this.#watch.find(name);
    return link && { up: link.carrier, interfaceIndex: link.index, changes, changedMs };
  }

  /** What keeps the bond from being whole; undefined where all is well or none is wanted. */
  get bondTrouble(): string | undefined {
    if (this.#members.length === 0) return undefined;
    const unplugged = this.#members.filter((name) => this.find(name)?.up === false);
    const troubles = [...this.#bondTroubles, ...unplugged.map((name) => `${name} has no link`)];
    return troubles.length === 0 ? undefined : `bond0: ${troubles.join('; ')}`;
  }

  /** Members of the bond as the status shows them. */
  get members(): { name: string; up: boolean }[] {
    return this.#members.map((name) => ({ name, up: this.find(name)?.up ?? false }));
  }

  async close(): Promise<void> {
    await this.#opening;
    await this.#watch?.close();
  }

  /** Nobody waits for the kernel's first answer: as long as nothing tells us, each turn looks. */
  #follow(): void {
    if (this.#watch !== undefined) return;
    this.#dirty = true;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
  }

  async #open(): Promise<void> {
    try {
      this.#watch = await LinkWatch.open((after, before) => {
        this.#dirty = true;
        if (before === undefined || after === undefined || before.carrier === after.carrier) return;
        const changes = (this.#changes.get(after.name)?.changes ?? 0) + 1;
        this.#changes.set(after.name, { changes, changedMs: Date.now() });
      });
      this.#dirty = true; // what changed between the last look and now
    } catch (error) {
      const text = messageOf(error);
      if (text !== this.#deafBecause) this.#warn(`links are looked at, not followed: ${text}`);
      this.#deafBecause = text;
    }
  }

  #takeTroubles(troubles: string[]): void {
    for (const text of troubles) if (!this.#bondTroubles.includes(text)) this.#warn(text);
    this.#bondTroubles = troubles;
  }
}
