// The same engine over the same capture files with the same rules, once under the configuration that we render and once
// under the stock one of Debian's package: what the stock one says of a file, ours must say too.
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import type { Engine } from '../../src/os/engine-process.ts';
import { EngineStarter } from '../../src/os/engine-starter.ts';
import { createFileEngine, EngineSession } from '../../src/suricata/apply-session.ts';
import { compareRecords, type Difference, parseRecords } from './compare-records.ts';

/** HOME_NET of the stock configuration. */
const HOME_NET = ['192.168.0.0/16', '10.0.0.0/8', '172.16.0.0/12'];
const FILE_MS = 60_000;

/** What is otherwise, and why: we mean it, or the engine differs so from itself. All else is a fault of our rendering. */
const EXPLAINED: readonly { reason: string; is: (difference: Difference) => boolean }[] = [
  {
    reason: 'intended: dhcp: every message, not leases only',
    is: ({ eventType, kind }) => eventType === 'dhcp' && kind === 'extra',
  },
  {
    reason: 'intended: ssh: written later, when the keys are exchanged, with HASSH',
    is: ({ eventType, kind }) => eventType === 'ssh' && kind !== 'changed',
  },
  {
    // found by one engine reading one file four times: four answers
    reason:
      "the engine's own: flow: ended by time or by the end of the file, whichever the clock of the machine has first",
    is: ({ eventType, kind, text }) =>
      eventType === 'flow' && kind === 'changed' && /^(flow\.reason|timestamp) /.test(text),
  },
  {
    // the same; it keeps them in a hash set with a seed of its own
    reason: "the engine's own: ike: names of payloads in an order that is another at each start",
    is: ({ eventType, kind, text }) => eventType === 'ike' && kind === 'order' && text === 'ike.payload',
  },
];
const CHECKSUMS = 'intended: tcp: packets with a wrong checksum count, since offloading leaves it unset';

export interface FileVerdict {
  path: string;
  alerts: number;
  records: number;
  /** reason -> how many differences it explains */
  explained: Map<string, number>;
  unexplained: Difference[];
}

/** @throws MssError 'engine' where it does not start, or ends on a file */
export async function judgeEngine(engine: Engine, rules: string, paths: readonly string[]): Promise<FileVerdict[]> {
  const ours = await inspectAll(createFileEngine(engine), rules, paths);
  const stock = await inspectAll(createStockEngine(engine, []), rules, paths);
  const strict = ours.map((eve, i) => compareRecords(parseRecords(eve), parseRecords(stock[i])));
  // what is the same once both pass over checksums differs by checksums; every file, since thresholds go on between them
  const unsummed = await inspectAll(
    createStockEngine(engine, ['--set', 'stream.checksum-validation=no']),
    rules,
    paths,
  );
  return paths.map((path, i) => {
    const own = parseRecords(ours[i]);
    const differences = compareRecords(own, parseRecords(unsummed[i]));
    const explained = new Map<string, number>();
    for (const [reason = '', found] of Map.groupBy(differences, explain)) explained.set(reason, found.length);
    explained.delete('');
    const unexplained = differences.filter((one) => explain(one) === undefined);
    const byChecksums = strict[i].filter((one) => explain(one) === undefined).length - unexplained.length;
    if (byChecksums > 0) explained.set(CHECKSUMS, byChecksums);
    const alerts = own.filter(({ event_type }) => event_type === 'alert').length;
    return { path, alerts, records: own.length, explained, unexplained };
  });
}

const explain = (difference: Difference): string | undefined => EXPLAINED.find(({ is }) => is(difference))?.reason;

/**
 * As it is shipped, but for what a session needs: our rules, our socket, and threads for each file. And it throws no dice:
 * at random places where a stream is cut for inspection, it alerts on another packet at each start.
 */
function createStockEngine(engine: Engine, more: readonly string[]): EngineStarter {
  return new EngineStarter(engine, (inside) => [
    ...['-c', '/etc/suricata/suricata.yaml', '-S', `${inside}/mss.rules`, '-l', inside],
    ...[`--unix-socket=${inside}/engine.sock`, '--runmode', 'single', '--set', 'security.limit-noproc=false'],
    ...['--set', 'stream.reassembly.randomize-chunk-size=no'],
    ...more,
  ]);
}

/** The EVE text of each file; empty where the engine refused it. */
async function inspectAll(starter: EngineStarter, rules: string, paths: readonly string[]): Promise<string[]> {
  try {
    const session = await EngineSession.start(starter, { rules, homeNet: HOME_NET, midstream: false });
    const texts: string[] = [];
    for (const path of paths) {
      copyFileSync(path, session.captureFile('capture'));
      const { eveFile } = await session.inspect('capture', FILE_MS);
      texts.push(existsSync(eveFile) ? readFileSync(eveFile, 'utf8') : '');
    }
    await session.close();
    return texts;
  } finally {
    await starter.close();
  }
}
