// The sample attack on a machine's mirror port, again and again until the sensor has said what it should of it.
import { join } from 'node:path';
import { readCaptureFile } from '../../src/os/capture-file.ts';
import { readCapture } from '../../src/pcap/read-capture.ts';
import type { Machine } from '../../tools/boot/machine.ts';
import { ATTACKER, makeSampleAttack, makeSampleFrames, samplePort, VICTIM } from '../../tools/boot/sample-attack.ts';
import { type AlertRecord, parseJsonLines } from './alert-lines.ts';

const ROUNDS = 10;

/**
 * Replays the attack until rules with all these sids have alerted, ten times at most. The engine may still be taking
 * rules while it goes on inspecting: each round is an attack with flows of its own.
 * @returns the sids that have alerted, and the number of the last round
 */
export async function replayUntilAlerts(
  machine: Machine,
  wanted: readonly number[],
): Promise<{ seen: number[]; round: number }> {
  for (let round = 1; ; round++) {
    await machine.mirror.replay(makeSampleAttack(round), 200);
    const lines = parseJsonLines<AlertRecord>(await machine.run('sleep 10; mss alerts --json', 300_000));
    const sids = lines.filter((line) => line.type === 'alert').map((line) => line.eve.alert.signature_id);
    const seen = wanted.filter((sid) => sids.includes(sid));
    if (seen.length === wanted.length || round === ROUNDS) return { seen, round };
  }
}

/** The frames of a round's break-in: as they were replayed, and as `mss packets` gives them back. */
export async function fetchBreakIn(
  machine: Machine,
  round: number,
  folder: string,
): Promise<{ sent: Buffer[]; found: Buffer[] }> {
  const port = samplePort(round) + 1;
  const ports = (frame: Buffer) => [frame.readUInt16BE(34), frame.readUInt16BE(36)];
  await machine.run(`mss packets --flow ${ATTACKER},${port},${VICTIM},80,tcp -w /tmp/flow.pcapng`, 300_000);
  const file = join(folder, 'flow.pcapng');
  await machine.copyOut('/tmp/flow.pcapng', file);
  const found: Buffer[] = [];
  for await (const packet of readCapture(readCaptureFile(file))) found.push(Buffer.from(packet.data));
  return { sent: makeSampleFrames(round).filter((frame) => ports(frame).includes(port)), found };
}
