// The certificate as the configuration has it: read at the start and at each reload, so that a renewed one is taken.
import type { SensorConfig } from '../config/sensor-config.ts';
import { messageOf } from '../errors.ts';
import type { Service } from '../os/run-service.ts';
import { readTlsSetup, type TlsSetup } from '../os/syslog/tls-setup.ts';
import type { Listeners } from './listeners.ts';

export class TlsFollower {
  /** why there is no TLS though there should be, or not the one that is configured */
  problem: string | undefined;
  readonly #service: Service;
  readonly #listeners: Listeners;
  #setup: TlsSetup | undefined;

  constructor(service: Service, listeners: Listeners) {
    this.#service = service;
    this.#listeners = listeners;
  }

  /** One that cannot be read leaves the last good one; where there was none and TLS is a must, TCP takes nobody. */
  follow({ tlsCertificate, tlsKey, tlsClientCa, tlsOnly }: SensorConfig['logs']): void {
    this.problem = undefined;
    if (tlsCertificate === '') this.#setup = undefined;
    else {
      try {
        const files = { certificate: tlsCertificate, key: tlsKey, clientCa: tlsClientCa, only: tlsOnly };
        this.#setup = readTlsSetup(files);
      } catch (error) {
        this.problem = messageOf(error);
        this.#service.warn(this.problem);
        this.#setup ??= { options: {}, only: tlsOnly };
      }
    }
    this.#listeners.setTls(this.#setup);
  }
}
