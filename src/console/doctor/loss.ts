// Was anything lost in the last hour, and was somebody counting all the time?
import { type LedgerAnswer, lostBeforeCard, lostInspected, lostStored } from '../../api/ledger.ts';
import { formatCount } from '../format.ts';
import { gapMinutes } from '../ledger-hour.ts';
import { type Check, type Finding, ok, warning } from './finding.ts';

/** One packet in a thousand: below it, evidence is hardly harmed. */
const MOST_SHARE = 0.001;
/** A restart of the sensor costs a minute or two. */
const MOST_GAP_MINUTES = 5;

export const checkLoss: Check = ({ snapshot: { ledger } }) => {
  if (ledger?.ever.sinceMs === undefined) return [];
  const findings = [...lossFindings(ledger), ...gapFindings(ledger)];
  return findings.length > 0 ? findings : [ok('loss', 'no packets to speak of were lost in the last hour')];
};

function lossFindings({ sum: { stored, inspected } }: LedgerAnswer): Finding[] {
  const findings: Finding[] = [];
  const tell = (lost: number, offered: number, what: string, remedy: string) => {
    if (offered === 0 || lost <= offered * MOST_SHARE) return;
    const share = ((100 * lost) / offered).toPrecision(2);
    findings.push(warning('loss', `${formatCount(lost)} packets (${share} %) ${what} in the last hour`, remedy));
  };
  if (stored !== undefined) {
    const { counts } = stored;
    const remedy = `${
      counts.notWritten > counts.lostInCard + counts.lostInRing
        ? 'make the storage of the packet log write again (mss status)'
        : 'give the machine a faster disk or another core, or leave traffic out with capture.filter'
    }; mss ledger shows when`;
    tell(lostStored(counts), counts.offered, 'were not stored', remedy);
  }
  if (inspected !== undefined) {
    const { counts } = inspected;
    tell(
      lostInspected(counts),
      counts.offered,
      'were not inspected',
      'give the machine more cores, or the engine fewer rules (mss rules disable); mss ledger shows when',
    );
    tell(
      lostBeforeCard({ stored, inspected }) ?? 0,
      counts.offered,
      'or more were lost before they came here',
      'look at the mirror port: it may be asked for more than it can send (both directions of a full link)',
    );
  }
  return findings;
}

const gapFindings = (ledger: LedgerAnswer): Finding[] =>
  (['stored', 'inspected'] as const).flatMap((path) => {
    const minutes = gapMinutes(ledger, path);
    if (minutes <= MOST_GAP_MINUTES) return [];
    const unit = path === 'stored' ? 'mss-capture' : 'mss-suricata, or mss-ids,';
    return [
      warning(
        'loss',
        `for ${formatCount(minutes)} minutes of the last hour nobody counted what was ${path}: ${unit} did not run`,
        'mss ledger shows when; journalctl -u mss-capture -u mss-ids -u mss-suricata says why',
      ),
    ];
  });
