// Files of bad reputation: digests that a person (or a feed) lists, and the alert that such a file raises.
import { MssError } from '../../errors.ts';
import type { EveRecord } from '../../eve/record.ts';
import { digestOf } from '../../store/files/file-note.ts';

/** 32 MB of memory at most */
export const MOST_DIGESTS = 500_000;

/**
 * A digest a line, in either case; what follows it after a blank, comma or semicolon is passed over, and so are lines
 * that begin with #.
 * @throws MssError 'input' naming the line that has none
 */
export function parseBadFiles(text: string): Set<string> {
  const digests = new Set<string>();
  for (const [i, line] of text.split('\n').entries()) {
    const words = line.trim();
    if (words === '' || words.startsWith('#')) continue;
    const digest = /^"?([0-9a-fA-F]{64})(?:["\s,;]|$)/.exec(words)?.[1];
    if (digest === undefined) {
      throw new MssError(
        'input',
        `line ${i + 1} of the list of bad files begins with no SHA-256: "${words.slice(0, 80)}"`,
      );
    }
    if (digests.size >= MOST_DIGESTS)
      throw new MssError('input', `the list of bad files has more than ${MOST_DIGESTS}`);
    digests.add(digest.toLowerCase());
  }
  return digests;
}

const ALERT = {
  action: 'allowed',
  gid: 1,
  signature_id: 9_000_990,
  rev: 1,
  category: 'A known bad file was transferred',
  severity: 1,
  metadata: { mss_phase: ['known-bad'], confidence: ['High'] },
};

/**
 * The alert about a `fileinfo` record of a listed file; undefined for any other record.
 * @param isHome whose file it is: that of the one who took it, or of the one who sent it out
 */
export function badFileAlert(
  eve: EveRecord,
  bad: ReadonlySet<string>,
  isHome: (address: string) => boolean,
): EveRecord | undefined {
  const digest = bad.size === 0 ? undefined : digestOf(eve);
  if (digest === undefined || !bad.has(digest)) return undefined;
  const direction = isHome(eve.dest_ip ?? '') ? 'to_client' : 'to_server';
  const signature = `MSS FILE known bad file ${digest}`;
  return { ...eve, event_type: 'alert', direction, alert: { ...ALERT, signature } };
}
