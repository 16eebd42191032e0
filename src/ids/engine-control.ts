// The live engine as ids manages it: its configuration file, restarts through control, rule reloads through its socket.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { choosePromiscuous } from '../config/promiscuous.ts';
import type { SensorConfig } from '../config/sensor-config.ts';
import { messageOf } from '../errors.ts';
import { parseEveTime } from '../eve/parse.ts';
import { writeFileAtomic } from '../os/atomic-file.ts';
import type { AskControl } from '../os/control-client.ts';
import { engineMajor, requireEngine } from '../os/engine-process.ts';
import { EngineSocket } from '../os/engine-socket.ts';
import { readInterfaces } from '../os/interfaces.ts';
import type { Paths } from '../paths.ts';
import { REPUTATION_CATEGORY } from '../rules/reputation.ts';
import { planEngine } from '../suricata/plan-engine.ts';
import { renderSuricataYaml } from '../suricata/render-suricata-yaml.ts';
import { planFileStore } from './files/plan-file-store.ts';
import { completeCurrent, currentRulesFile, currentThresholdsFile } from './rulesets/ruleset-store.ts';

/** beside the engine's configuration */
export const categoriesFileOf = (at: Paths): string => join(dirname(at.suricataYaml), 'known-bad-categories.txt');

const RELOAD_WITHIN_MS = 10 * 60_000;

export interface EngineControl {
  /**
   * Renders the configuration; restarts the engine when it changed.
   * @returns what was done, in words
   * @throws MssError 'engine' where there is none, or one too old
   */
  apply(config: SensorConfig): Promise<string>;
  /** Ends a hung engine and starts it again; nothing where there is none to run. @throws MssError what control says */
  restart(): Promise<void>;
  /** When the engine last loaded its rules, in milliseconds; undefined while it does not answer. */
  findLoadedMs(): Promise<number | undefined>;
  /** Has the engine load the rules in force, without losing a packet. @returns rules it runs, or why it did not */
  reloadRules(): Promise<{ loaded: number } | { why: string }>;
}

/** @param ask control, over ids' own socket */
export function createEngineControl(at: Paths, ask: AskControl): EngineControl {
  return {
    async apply(config) {
      const interfaces = choosePromiscuous(config.capture, readInterfaces());
      if (!config.ids.enabled || interfaces.length === 0) {
        const had = existsSync(at.suricataYaml);
        rmSync(at.suricataYaml, { force: true });
        if (had) await ask({ job: 'stop', unit: 'suricata' });
        return config.ids.enabled ? 'no interface to listen on' : 'detection is switched off (ids.enabled)';
      }
      const text = renderSuricataYaml(
        planEngine({
          engineMajor: engineMajor(requireEngine()),
          cores: availableParallelism(),
          memoryBytes: totalmem(),
          interfaces,
          homeNet: config.ids.homeNet,
          midstream: config.ids.midstream,
          fileStore: planFileStore(config, at.filesDir),
          // lists of bad files come in all three kinds
          oldDigests: config.ids.badFiles.length > 0,
          files: {
            rulesFile: currentRulesFile(at),
            thresholdsFile: currentThresholdsFile(at),
            categoriesFile: completeCurrent(at) ? categoriesFileOf(at) : undefined,
            configDir: '/etc/suricata',
            logDir: at.suricataDir,
            eveDir: at.eveDir,
            commandSocket: at.suricataSocket,
            cacheDir: `${at.stateDir('suricata')}/patterns`,
          },
        }),
      );
      const before = existsSync(at.suricataYaml) ? readFileSync(at.suricataYaml, 'utf8') : undefined;
      if (before === text) return 'engine configuration unchanged';
      mkdirSync(dirname(at.suricataYaml), { recursive: true });
      writeFileAtomic(categoriesFileOf(at), REPUTATION_CATEGORY, { mode: 0o640, durable: false });
      writeFileAtomic(at.suricataYaml, text, { mode: 0o640, durable: false });
      // the first one after a boot: the unit's path watch starts the engine
      if (before === undefined) return `engine on ${interfaces.join(', ')}`;
      await ask({ job: 'restart', unit: 'suricata' });
      return `engine restarted on ${interfaces.join(', ')}`;
    },

    async restart() {
      if (existsSync(at.suricataYaml)) await ask({ job: 'restart', unit: 'suricata' });
    },

    async findLoadedMs() {
      let socket: EngineSocket | undefined;
      try {
        socket = await EngineSocket.connect(at.suricataSocket);
        const [times] = (await socket.command('ruleset-reload-time')) as { last_reload: string }[];
        const timeUs = parseEveTime(times.last_reload);
        return timeUs === undefined ? undefined : timeUs / 1000;
      } catch {
        return undefined;
      } finally {
        socket?.close();
      }
    },

    async reloadRules() {
      let socket: EngineSocket | undefined;
      try {
        socket = await EngineSocket.connect(at.suricataSocket);
        await socket.command('reload-rules', undefined, RELOAD_WITHIN_MS);
        const [stats] = (await socket.command('ruleset-stats')) as { rules_loaded: number }[];
        return { loaded: stats.rules_loaded };
      } catch (error) {
        // an engine that is just starting reads the new rules by itself
        return { why: messageOf(error) };
      } finally {
        socket?.close();
      }
    },
  };
}
