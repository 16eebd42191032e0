// The alert that a file of bad reputation raises: its digest is in a person's list, or in a feed of ids.badFiles.
import type { EveRecord } from '../../eve/record.ts';

const ALERT = {
  action: 'allowed',
  gid: 1,
  signature_id: 9_000_990,
  rev: 1,
  category: 'A known bad file was transferred',
  severity: 1,
  metadata: { mss_phase: ['known-bad'], confidence: ['High'] },
};

const DIGESTS = ['sha256', 'sha1', 'md5'];

/**
 * The alert about a `fileinfo` record of a listed file; undefined for any other record.
 * @param bad digests in lower case
 * @param isHome whose file it is: that of the one who took it, or of the one who sent it out
 */
export function badFileAlert(
  eve: EveRecord,
  bad: ReadonlySet<string>,
  isHome: (address: string) => boolean,
): EveRecord | undefined {
  if (eve.event_type !== 'fileinfo' || bad.size === 0) return undefined;
  const file = (eve.fileinfo ?? {}) as Record<string, unknown>;
  const digest = DIGESTS.map((name) => file[name]).find((one) => typeof one === 'string' && bad.has(one));
  if (digest === undefined) return undefined;
  const direction = isHome(eve.dest_ip ?? '') ? 'to_client' : 'to_server';
  const signature = `MSS FILE known bad file ${digest}`;
  return { ...eve, event_type: 'alert', direction, alert: { ...ALERT, signature } };
}
