// What acts on what ids says, beside writing it down: mail and webhook, an outside SIEM, and requests to softips.
import type { SensorEvent } from '../api/event.ts';
import type { SensorConfig } from '../config/sensor-config.ts';
import type { Service } from '../os/run-service.ts';
import type { Paths } from '../paths.ts';
import { BlockAsker } from './block-asker.ts';
import { Mailer } from './mail/mailer.ts';
import { SiemExport } from './siem-export.ts';

export class Responders {
  #mailer: Mailer;
  #asker: BlockAsker;
  #siem: SiemExport;

  /** @param tell takes what the health watch found, for the pages too. @throws MssError 'io' */
  constructor(service: Service, at: Paths, config: SensorConfig, tell: (text: string) => void) {
    this.#mailer = new Mailer(service, at, config, tell);
    this.#asker = new BlockAsker(service, at.spoolDir('blocks'), config);
    this.#siem = new SiemExport(service, at, config);
  }

  configure(config: SensorConfig): void {
    this.#mailer.configure(config);
    this.#asker.configure(config);
    this.#siem.configure(config);
  }

  /** Notes an event that is on its way to the spool. */
  offer(event: SensorEvent): void {
    this.#mailer.offer(event);
    this.#asker.offer(event);
    this.#siem.offer(event);
  }

  /** Ends a batch: a host is cut off now, not when the bookmark is kept. */
  flush(): void {
    this.#asker.flush();
    this.#siem.flush();
  }

  /** What was taken is safe on disk afterwards; before the bookmark says it was seen. @throws MssError 'io' */
  keep(): void {
    this.#mailer.keep();
    this.#siem.keep();
  }

  /** Until the service stops. */
  async run(): Promise<void> {
    await Promise.all([this.#mailer.run(), this.#siem.run()]);
    this.#asker.close();
  }
}
