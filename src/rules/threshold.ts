// What a person says of rules that alert too often: lines of Suricata's own threshold.config, checked one by one, so that
// a bad one never costs the others. Suricata documentation, "Global-Thresholds".
import { MssError, messageOf } from '../errors.ts';
import { parseCidr } from '../net/cidr.ts';
import type { BrokenRule } from './rule-file.ts';

const SUPPRESS = /^suppress gen_id (\d{1,10}), sig_id (\d{1,10})(?:, track (?:by_src|by_dst|by_either), ip (.+))?$/;
const THRESHOLD =
  /^threshold gen_id \d{1,10}, sig_id \d{1,10}, type (?:limit|threshold|both), track (?:by_src|by_dst|by_both|by_rule), count [1-9]\d{0,8}, seconds [1-9]\d{0,8}$/;
const ADDRESSES = /^\[([^[\]]+)\]$/;
const VARIABLE = /^\$(?:HOME_NET|EXTERNAL_NET)$/;

/**
 * Parses one line: `suppress gen_id 1, sig_id SID[, track by_src, ip ADDRESS|CIDR|[…]]` or
 * `threshold gen_id 1, sig_id SID, type limit, track by_src, count N, seconds N`.
 * @returns it as the engine reads it
 * @throws MssError `rule` saying what is wrong
 */
export function parseThreshold(line: string): string {
  const text = line.trim().replaceAll(/\s+/g, ' ').replaceAll(/ ?, ?/g, ', ');
  if (THRESHOLD.test(text)) return text;
  const found = SUPPRESS.exec(text);
  if (found === null) {
    throw new MssError(
      'rule',
      `"${line}" is none; write "suppress gen_id 1, sig_id SID, track by_src, ip CIDR" or "threshold gen_id 1, sig_id SID, type limit, track by_src, count 1, seconds 60"`,
    );
  }
  const [, , , addresses] = found;
  if (addresses === undefined) {
    if (found[2] === '0') throw new MssError('rule', `"${line}" would silence every rule: name a sig_id or addresses`);
    return text;
  }
  for (const one of (ADDRESSES.exec(addresses)?.[1] ?? addresses).split(', ')) {
    const address = one.replace(/^!/, '');
    if (VARIABLE.test(address)) continue;
    try {
      parseCidr(address);
    } catch (cause) {
      throw new MssError('rule', `"${line}": "${one}" is no address, CIDR block, $HOME_NET or $EXTERNAL_NET`, {
        cause,
      });
    }
  }
  return text.replaceAll(/(?<=\[.*), /g, ',');
}

/** Parses all lines; what is none is named as a rule that is set aside is. */
export function planThresholds(lines: readonly string[]): { lines: string[]; broken: BrokenRule[] } {
  const good = new Set<string>();
  const broken: BrokenRule[] = [];
  lines.forEach((text, i) => {
    try {
      good.add(parseThreshold(text));
    } catch (error) {
      broken.push({ file: 'ids.thresholds', line: i + 1, reason: messageOf(error), text: text.slice(0, 200) });
    }
  });
  return { lines: [...good], broken };
}
