// Alerts, incidents and notices to an outside SIEM. What is chosen waits in a spool stream of its own, so that nothing is
// lost while the server is down, and the many records nobody chose take no room in it.
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { SensorEvent } from '../api/event.ts';
import type { SensorConfig } from '../config/sensor-config.ts';
import type { Service } from '../os/run-service.ts';
import type { Paths } from '../paths.ts';
import { Forwarder } from '../respond/siem/forwarder.ts';
import { isForSiem, planSiem } from '../respond/siem/plan-siem.ts';
import { renderSiem } from '../respond/siem/render-siem.ts';
import { SpoolWriter } from '../spool/writer.ts';

/** about a hundred thousand alerts */
const BUDGET = { segmentBytes: 4 << 20, maxBytes: 128 << 20 };
const WATCH_MS = 1000;

export class SiemExport {
  readonly #service: Service;
  readonly #writer: SpoolWriter;
  readonly #forwarder: Forwarder;
  #config: SensorConfig;
  #refused: string | undefined;

  /** @throws MssError 'io' when the queue cannot be opened */
  constructor(service: Service, at: Paths, config: SensorConfig) {
    const dir = join(at.stateDir('ids'), 'siem');
    this.#service = service;
    this.#config = config;
    this.#writer = new SpoolWriter(join(dir, 'queue'), BUDGET);
    this.#forwarder = new Forwarder({
      spoolDir: this.#writer.dir,
      stream: 'siem',
      render: (event) => renderSiem(event, { host: hostname(), ...siemSource(this.#config) }),
      bookmarkFile: join(dir, 'bookmark.json'),
      firstRecord: () => 0,
    });
    this.configure(config);
  }

  configure(config: SensorConfig): void {
    this.#config = config;
    this.#forwarder.configure(planSiem(config.siem));
  }

  /** Notes an event that is on its way to the spool. */
  offer(event: SensorEvent): void {
    const { siem } = this.#config;
    if (siem.to !== '' && isForSiem(event, siem)) this.#writer.append(event);
  }

  /** Brings what was offered to the disk, where the forwarder reads it. */
  flush(): void {
    const refused = this.#writer.flush();
    if (refused !== undefined && this.#refused === undefined) this.#service.warn(refused);
    this.#refused = refused;
  }

  /** What was offered is safe on disk afterwards. @throws MssError 'io' */
  keep(): void {
    this.#writer.sync();
  }

  /** Until the service stops. */
  async run(): Promise<void> {
    const { counters, signal } = this.#service;
    let said: string | undefined;
    const report = () => {
      counters.siemSent = this.#forwarder.sentMessages;
      counters.siemLost = this.#forwarder.lostMessages + this.#writer.droppedRecords;
      const { problem } = this.#forwarder;
      if (problem !== undefined && problem !== said) this.#service.warn(`SIEM: ${problem}; what it is to get waits`);
      said = problem;
    };
    const watch = setInterval(report, WATCH_MS);
    await this.#forwarder.run(signal);
    clearInterval(watch);
    report();
    this.#writer.close();
  }
}

/** Who says so, as the configuration names this sensor. */
export const siemSource = ({ sensor }: SensorConfig) => ({ sensor: sensor.name, domain: sensor.domain });
