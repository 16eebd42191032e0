// Gathers what doctor looks at. Each fact has its own time-out; what cannot be learnt is left out.
import type { SensorConfig } from '../../config/sensor-config.ts';
import { type Run, run } from '../../os/process.ts';
import { resolveProblem } from '../../os/resolve-name.ts';
import { hasShippedPassword } from '../../os/shipped-password.ts';
import { type Paths, paths } from '../../paths.ts';
import { readSnapshot } from '../read-snapshot.ts';
import { readDetails } from '../status-details.ts';
import { parseTracking } from './clock.ts';
import type { DoctorFacts } from './finding.ts';

const MOST_NAMES = 5;

/** Host names that the configuration needs; with a proxy it is the proxy that resolves. */
export function namesNeeded({ ids, release }: SensorConfig): string[] {
  const urls = release.proxy === '' ? [...ids.ruleUrls, release.source] : [release.proxy];
  const hosts = urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).hostname);
  const isName = (host: string) => /[a-z]/i.test(host) && !host.startsWith('[');
  return [...new Set(hosts)].filter(isName).slice(0, MOST_NAMES);
}

async function readClock(runIt: Run) {
  try {
    return parseTracking((await runIt('chronyc', ['-c', 'tracking'], { timeoutMs: 5000 })).stdout);
  } catch {
    return undefined; // not installed
  }
}

export async function readFacts(at: Paths = paths, runIt: Run = run): Promise<DoctorFacts> {
  const snapshot = await readSnapshot(at, runIt);
  const names = namesNeeded(snapshot.config);
  const [clock, ...problems] = await Promise.all([readClock(runIt), ...names.map(resolveProblem)]);
  return {
    snapshot,
    details: readDetails(snapshot),
    configured: (snapshot.identity?.sensorNumber ?? 0) !== 0,
    clock,
    names: names.map((name, i) => ({ name, problem: problems[i] })),
    shippedPassword: hasShippedPassword(at),
  };
}
