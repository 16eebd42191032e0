// What the menu needs of the machine; a test gives its own.
import type { Management } from '../../api/management.ts';
import type { SensorConfig } from '../../config/sensor-config.ts';
import type { AskControl } from '../../os/control-client.ts';
import type { SensorSnapshot } from '../sensor-snapshot.ts';

export interface MenuWorld {
  ask: AskControl;
  readSnapshot(): Promise<SensorSnapshot>;
  /** the configuration document, without overrides */
  readDesired(): SensorConfig;
  /** what the network editor set last; undefined where it never did */
  readManagement(): Management | undefined;
  /** makes an account for the sensor's pages. @throws MssError */
  addAccount(name: string, password: string): Promise<void>;
  /** @throws MssError for a name or password that cannot be taken */
  checkAccount(name: string, password?: string): void;
  hasAccounts(): boolean;
  timeZone(): string;
  /** whom to turn to, as the owner of this sensor wrote it; undefined when nobody did */
  contact(): string | undefined;
}
