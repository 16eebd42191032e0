// All checks over one set of facts, the worst first.
import { checkChecksum } from './checksum.ts';
import { checkClock } from './clock.ts';
import { checkDirection } from './direction.ts';
import { checkDisk } from './disk.ts';
import { checkDns } from './dns.ts';
import type { Check, DoctorFacts, Finding } from './finding.ts';
import { checkHomeNet } from './home-net.ts';
import { checkLink } from './link.ts';
import { checkLoss } from './loss.ts';
import { checkMirror } from './mirror.ts';
import { checkRootPassword } from './password.ts';
import { checkRules } from './rules.ts';
import { checkServices } from './services.ts';

const CHECKS: readonly Check[] = [
  checkServices,
  checkLink,
  checkMirror,
  checkDirection,
  checkHomeNet,
  checkChecksum,
  checkLoss,
  checkDisk,
  checkRules,
  checkClock,
  checkDns,
  checkRootPassword,
];

const ORDER = { failed: 0, warning: 1, ok: 2 } as const;

export const examine = (facts: DoctorFacts): Finding[] =>
  CHECKS.flatMap((check) => check(facts)).sort((a, b) => ORDER[a.verdict] - ORDER[b.verdict]);

/** One line a finding, its remedy below it. */
export function renderFinding({ verdict, text, remedy }: Finding): string {
  return `${verdict.padEnd(8)} ${text}${remedy === undefined ? '' : `\n         -> ${remedy}`}`;
}
