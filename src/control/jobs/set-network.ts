// set-network and confirm-network: new management settings come into force at once, and go again unless confirmed.
import { existsSync } from 'node:fs';
import { parseManagement } from '../../api/management.ts';
import { MssError, messageOf } from '../../errors.ts';
import { complaintOf, runChecked } from '../../os/process.ts';
import type { JobOf, JobResult, Machine, Progress } from '../jobs.ts';
import { type FileState, planFiles, rememberFiles, writeFiles } from '../network/network-files.ts';
import { findPending, removePending, writePending } from '../network/pending.ts';

/** org.freedesktop.network1(5) */
const NETWORKD = ['org.freedesktop.network1', '/org/freedesktop/network1', 'org.freedesktop.network1.Manager'];

export class NetworkJobs {
  readonly #machine: Machine;
  readonly #onRevert: (text: string) => void;
  #timer: NodeJS.Timeout | undefined;
  /** settings go back by themselves right now */
  #reverting: Promise<void> | undefined;

  /** @param onRevert told when settings went back by themselves, or could not */
  constructor(machine: Machine, onRevert: (text: string) => void) {
    this.#machine = machine;
    this.#onRevert = onRevert;
  }

  /** At start: settings that were waiting for confirmation when control ended are put back. */
  async recover(): Promise<void> {
    await this.#revert('control was restarted before they were confirmed');
  }

  /** Stops the timer; what is pending is put back at the next start. */
  close(): void {
    clearTimeout(this.#timer);
  }

  async set({ management, confirmSeconds }: JobOf<'set-network'>, progress: Progress): Promise<JobResult> {
    const settings = parseManagement(management);
    const { at } = this.#machine;
    if (!existsSync(`${at.root}/nsm/etc/appliance`)) {
      throw new MssError('control', "this machine's network is not the sensor's to set; use the system's own tools");
    }
    await this.#reverting;
    const files = planFiles(at, settings);
    // A second change before the first is confirmed still goes back to what was known to work.
    const before = findPending(at) ?? rememberFiles(files);
    if (confirmSeconds > 0) writePending(at, before);
    clearTimeout(this.#timer);
    try {
      writeFiles(files);
      await this.#apply(files);
    } catch (cause) {
      await this.#restore(before);
      throw new MssError('control', `the old network settings are back: ${messageOf(cause)}`, { cause });
    }
    if (confirmSeconds === 0) {
      removePending(at);
      return { text: `network settings of ${settings.interface} are in force` };
    }
    progress(`in force for ${confirmSeconds} s`);
    this.#timer = setTimeout(() => {
      this.#reverting = this.#revert(`nobody confirmed them within ${confirmSeconds} s`).finally(() => {
        this.#reverting = undefined;
      });
    }, confirmSeconds * 1000);
    return { text: `network settings of ${settings.interface} go back in ${confirmSeconds} s unless confirmed` };
  }

  confirm(): JobResult {
    if (this.#reverting !== undefined || findPending(this.#machine.at) === undefined) {
      throw new MssError('control', 'no network settings wait for confirmation; they may have gone back already');
    }
    clearTimeout(this.#timer);
    removePending(this.#machine.at);
    return { text: 'network settings kept' };
  }

  async #revert(why: string): Promise<void> {
    try {
      const before = findPending(this.#machine.at);
      if (before === undefined) return;
      await this.#restore(before);
      this.#onRevert(`the old network settings are back: ${why}`);
    } catch (error) {
      this.#onRevert(`network settings could not be put back: ${messageOf(error)}`);
    }
  }

  async #restore(before: readonly FileState[]): Promise<void> {
    writeFiles(before);
    try {
      await this.#apply(before);
    } finally {
      removePending(this.#machine.at); // the files are as they were, whatever became of applying them
    }
  }

  /**
   * All of it goes over D-Bus: control itself has no network, and networkctl refuses to run in another network name
   * space than networkd's. A changed .network file has networkd configure its interfaces anew.
   */
  async #apply(files: readonly FileState[]): Promise<void> {
    const { run } = this.#machine;
    await runChecked(run, 'busctl', ['--quiet', 'call', ...NETWORKD, 'Reload']);
    const hostName = files.find(({ file }) => file.endsWith('/etc/hostname'))?.text?.trim();
    if (hostName) await runChecked(run, 'hostnamectl', ['set-hostname', hostName]);
    const firewall = await run('systemctl', ['try-reload-or-restart', 'nftables.service']);
    if (firewall.code !== 0) throw new MssError('network', `the firewall refused: ${complaintOf(firewall)}`);
  }
}
