// A group of processes with a weight and a limit of its own, by the kernel's control groups, version 1 (Documentation/
// admin-guide/cgroup-v1); systemd sets the same numbers from a unit's CPUWeight and MemoryMax.
import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = '/sys/fs/cgroup';
/** of a weight of 100 */
const USUAL_SHARES = 1024;

export class ControlGroup {
  readonly #cpu: string;
  readonly #memory: string | undefined;

  /** @param weight as CPUWeight. @param memoryBytes undefined: as much as there is */
  constructor(name: string, weight: number, memoryBytes?: number) {
    this.#cpu = join(ROOT, 'cpu', `${name}-${process.pid}`);
    mkdirSync(this.#cpu);
    writeFileSync(join(this.#cpu, 'cpu.shares'), `${(USUAL_SHARES * weight) / 100}`);
    if (memoryBytes === undefined) return;
    this.#memory = join(ROOT, 'memory', `${name}-${process.pid}`);
    mkdirSync(this.#memory);
    writeFileSync(join(this.#memory, 'memory.limit_in_bytes'), `${memoryBytes}`);
  }

  /** Whether groups can be made here; where not, that is said. */
  static isAble(test: string): boolean {
    try {
      for (const controller of ['cpu', 'memory']) accessSync(join(ROOT, controller, 'cgroup.procs'), constants.W_OK);
      return true;
    } catch {
      process.stderr.write(`${test} is skipped: it needs root and the control groups cpu and memory, version 1\n`);
      return false;
    }
  }

  /** Processor time for this process is the group's from now on. */
  take(pid: number): void {
    writeFileSync(join(this.#cpu, 'cgroup.procs'), `${pid}`);
  }

  /** The same for the memory that it takes from now on. */
  takeMemory(pid: number): void {
    writeFileSync(this.memoryProcesses, `${pid}`);
  }

  /** Where a process writes its number to use this group's memory. */
  get memoryProcesses(): string {
    return join(this.#memory!, 'cgroup.procs');
  }

  /** How often the kernel ended a process of the group for want of memory. */
  get kills(): number {
    const control = readFileSync(join(this.#memory!, 'memory.oom_control'), 'utf8');
    return Number(/^oom_kill (\d+)$/m.exec(control)?.[1]);
  }

  /** Once its processes are gone. */
  async remove(): Promise<void> {
    for (const dir of [this.#cpu, this.#memory]) {
      while (dir !== undefined && readFileSync(join(dir, 'cgroup.procs'), 'utf8') !== '') await sleep(50);
      if (dir !== undefined) rmdirSync(dir);
    }
  }
}
