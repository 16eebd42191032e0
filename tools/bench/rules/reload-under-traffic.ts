// Live reloads while packets come: what the engine lost, and whether its memory grows.
import type { Engine } from '../../../src/os/engine-process.ts';
import type { SourcedRule } from '../../../src/rules/rule-file.ts';
import { MARKER_SID, renderConversations } from './conversations.ts';
import { LiveEngine } from './live-engine.ts';

const CONVERSATIONS = 100;
const PACKETS_PER_SECOND = 2000;

export interface Reloaded {
  startMs: number;
  startRssBytes: number;
  /** resident memory after each reload */
  rssBytes: number[];
  reloadMs: number;
  sent: number;
  /** sent and not counted by the engine, and what the kernel dropped before it */
  lostPackets: number;
  /** datagrams that must alert and did not */
  lostAlerts: number;
}

/**
 * Reloads so often; each brings another set: all the rules and the same without every tenth, in turn. First and last
 * have all, so that their memory can be compared.
 * @param rules with the shipped ones among them
 * @throws MssError 'io' without root, 'engine' when it does not start or reload
 */
export async function reloadUnderTraffic(
  engine: Engine,
  rules: readonly SourcedRule[],
  reloads: number,
  tell: (text: string) => void,
): Promise<Reloaded> {
  const fewer = rules.filter(({ sid }, i) => i % 10 !== 0 || sid === MARKER_SID);
  const frames = renderConversations(CONVERSATIONS);
  const live = await LiveEngine.start(engine, rules);
  try {
    const startRssBytes = live.rssBytes;
    const endTraffic = live.startTraffic(frames, PACKETS_PER_SECOND);
    const rssBytes: number[] = [];
    const beganMs = performance.now();
    for (let i = 1; i <= reloads; i++) {
      live.putInForce(i === 1 || i === reloads || i % 2 === 1 ? rules : fewer);
      const startMs = performance.now();
      const loaded = await live.reload();
      rssBytes.push(live.rssBytes);
      const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
      tell(`reload ${i}: ${loaded} rules, ${seconds} s, RSS ${Math.round(live.rssBytes / 1e6)} MB`);
    }
    const reloadMs = (performance.now() - beganMs) / reloads;
    const rounds = await endTraffic();
    const sent = rounds * frames.length;
    const { packets, drops } = await live.countPackets(sent);
    const alerts = await live.countAlerts(MARKER_SID, rounds * CONVERSATIONS);
    return {
      startMs: live.startMs,
      startRssBytes,
      rssBytes,
      reloadMs,
      sent,
      lostPackets: sent - packets + drops,
      lostAlerts: rounds * CONVERSATIONS - alerts,
    };
  } finally {
    await live.close();
  }
}
