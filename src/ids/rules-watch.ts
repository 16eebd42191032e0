// Notices when another rule set was put in force (by ids, by `mss rules`, by the timer) and has the engine load it.
import type { Service } from '../os/run-service.ts';
import type { Paths } from '../paths.ts';
import type { EngineControl } from './engine-control.ts';
import { countBroken, findCurrentId, findRuleset, findSwitchedMs } from './rulesets/ruleset-store.ts';

export class RulesWatch {
  readonly #service: Service;
  readonly #paths: Paths;
  readonly #engine: EngineControl;
  #loadedId: string | undefined;
  #loadedMs = 0;
  /** why the engine did not load them when it was asked last */
  #refusal: string | undefined;

  constructor(service: Service, at: Paths, engine: EngineControl) {
    this.#service = service;
    this.#paths = at;
    this.#engine = engine;
  }

  async check(): Promise<void> {
    const id = findCurrentId(this.#paths);
    if (id === undefined) return;
    if (id !== this.#loadedId) await this.#load(id);
    this.#show(id);
  }

  async #load(id: string): Promise<void> {
    // an engine that does not answer is starting: it reads the set in force, and is asked again in a moment
    const loadedMs = await this.#engine.findLoadedMs();
    if (loadedMs === undefined) return;
    // after a start of ids the engine usually has these rules already
    if (this.#loadedId !== undefined || loadedMs <= findSwitchedMs(this.#paths)) {
      const result = await this.#engine.reloadRules();
      if ('why' in result) {
        // asked again every few seconds: said once
        if (result.why !== this.#refusal) this.#service.warn(`rules not loaded yet: ${result.why}`);
        this.#refusal = result.why;
        return;
      }
      this.#service.counters.ruleReloads = (this.#service.counters.ruleReloads ?? 0) + 1;
      this.#service.say('running', `engine runs rule set ${id}: ${result.loaded} rules`);
      this.#loadedMs = Date.now();
    } else this.#loadedMs = loadedMs;
    this.#refusal = undefined;
    this.#loadedId = id;
  }

  #show(id: string): void {
    const set = findRuleset(this.#paths, id);
    if (set === undefined) return;
    const { rules, createdMs, checkedMs } = set;
    const broken = countBroken(set);
    this.#service.detail.rules = { name: id, count: rules, broken, updatedMs: checkedMs };
    this.#service.detail.ruleset = {
      name: id,
      rules,
      broken,
      createdMs,
      loadedMs: this.#loadedMs,
      ageSeconds: Math.round((Date.now() - checkedMs) / 1000),
    };
  }
}
