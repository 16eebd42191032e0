// Keeps the folder of files in order while ids runs: a note beside each file that the engine kept, the quota, the list of
// bad ones. Without the right to write there it does nothing but say so.
import { existsSync } from 'node:fs';
import type { SensorEvent } from '../../api/event.ts';
import type { SensorConfig } from '../../config/sensor-config.ts';
import { messageOf } from '../../errors.ts';
import type { Service } from '../../os/run-service.ts';
import type { Paths } from '../../paths.ts';
import { keepNote, prepareFileFolder, pruneFiles } from '../../store/files/file-folder.ts';
import { noteOf } from '../../store/files/file-note.ts';
import { BadDigests } from './bad-digests.ts';

const PRUNE_EVERY_MS = 10_000;

export class FileKeeper {
  readonly #service: Service;
  readonly #at: Paths;
  #quotaBytes = 0;
  #prunedMs = Number.NEGATIVE_INFINITY;
  #complaint: string | undefined;
  readonly #bad: BadDigests;

  /** Makes the folder ready for the engine, where files are to be kept. */
  constructor(service: Service, at: Paths, config: SensorConfig) {
    this.#service = service;
    this.#at = at;
    this.#bad = new BadDigests(at, (text) => service.warn(text));
    this.configure(config);
  }

  configure({ files }: SensorConfig): void {
    this.#quotaBytes = files.quotaBytes;
    if (files.extract !== 'off') this.#attempt(() => prepareFileFolder(this.#at.filesDir));
  }

  /** Notes an event that is on its way to the spool. */
  offer(event: SensorEvent): void {
    if (event.type !== 'protocol') return;
    const kept = noteOf(event.eve, event.timeUs);
    if (kept === undefined) return;
    const { counters } = this.#service;
    counters.keptFiles = (counters.keptFiles ?? 0) + 1;
    this.#attempt(() => keepNote(this.#at.filesDir, kept.digest, kept.note));
  }

  /** Now and then: what is over the quota goes. */
  prune(nowMs: number): void {
    if (nowMs - this.#prunedMs < PRUNE_EVERY_MS && nowMs >= this.#prunedMs) return;
    this.#prunedMs = nowMs;
    if (!existsSync(this.#at.filesDir)) return;
    this.#attempt(() => {
      const { keptFiles, keptBytes, deletedFiles, deletedBytes } = pruneFiles(
        this.#at.filesDir,
        this.#quotaBytes,
        nowMs,
      );
      const { counters, detail } = this.#service;
      counters.deletedFiles = (counters.deletedFiles ?? 0) + deletedFiles;
      counters.deletedFileBytes = (counters.deletedFileBytes ?? 0) + deletedBytes;
      detail.files = { files: keptFiles, bytes: keptBytes, quotaBytes: this.#quotaBytes };
    });
  }

  /** Digests of known bad files. */
  badFiles(): ReadonlySet<string> {
    const { all } = this.#bad;
    this.#service.detail.badFiles = all.size;
    return all;
  }

  /** Files are the least that ids does: what fails here is said once, and everything else goes on. */
  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (messageOf(error) !== this.#complaint) this.#service.warn(messageOf(error));
      this.#complaint = messageOf(error);
    }
  }
}
