// The harmless marker of `mss test-alert`: that it comes through as an alert and as a packet, or where it was lost.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { EveRecord } from '../../eve/record.ts';
import { UDP } from '../../net/protocol-number.ts';
import type { Tuple } from '../../net/tuple.ts';
import { openCaptureFile } from '../../os/capture-file.ts';
import type { Engine } from '../../os/engine-process.ts';
import { renderUdpFrame } from '../../pcap/render-frame.ts';
import { PcapngEncoder } from '../../pcap/write-pcapng.ts';
import { tupleFilter } from '../../query/plan-packets.ts';
import { readBatch } from '../../spool/reader.ts';
import { listSegments } from '../../spool/segment.ts';
import { findPackets, type PacketQuery } from '../../store/find-packets.ts';
import type { PacketKey } from '../../store/sealed/packet-keys.ts';
import { createFileEngine } from '../../suricata/apply-session.ts';
import { importFiles } from './import-files.ts';
import { planImportRules, readImportRules } from './import-rules.ts';

export const MARKER = 'MSS-TEST-ALERT ';
export const MARKER_SID = 9_000_001;
/** "discard": whoever gets the marker throws it away */
export const MARKER_PORT = 9;

const POLL_MS = 250;
/** The packet is looked for from so much before it was sent: the clock may be set meanwhile. */
const CLOCK_STEP_MS = 60_000;

export interface TestAlertResult {
  type: 'test-alert';
  ok: boolean;
  alert: boolean;
  packet: boolean;
  /** what happened, and where the marker was lost */
  text: string;
}

/** Sends a built-in capture through the import path. @throws MssError as importFiles does */
export async function testAlertLocally(engine: Engine): Promise<TestAlertResult> {
  const dir = mkdtempSync(join(tmpdir(), 'mss-test-'));
  await using starter = createFileEngine(engine);
  try {
    const tuple: Tuple = { src: '192.0.2.1', srcPort: 40_000, dst: '192.0.2.2', dstPort: MARKER_PORT, proto: UDP };
    const data = renderUdpFrame(tuple, Buffer.from(`${MARKER}local`));
    const packet = {
      timeNs: 1_700_000_000_000_000_000n,
      linkType: 1,
      capturedLength: data.length,
      originalLength: data.length,
      data,
    };
    const file = join(dir, 'marker.pcapng');
    writeFileSync(file, new PcapngEncoder().encode(packet));
    const { rules } = planImportRules(await readImportRules(undefined));
    const input = {
      files: [openCaptureFile(file)],
      storeDir: dir,
      engine: starter,
      homeNet: ['192.0.2.0/24'],
      rules,
      rulesName: 'shipped rules',
      rulesBroken: 0,
      normalize: () => {},
    };
    let alert = false;
    for await (const record of importFiles(input)) if (record.type === 'alert') alert ||= isMarker(record.eve);
    return judge(alert, await hasPacket(dir, tuple), engine.label);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

export interface LiveTest {
  /** ids' spool stream and the live packet store */
  spoolDir: string;
  storeDir: string;
  timeoutMs: number;
  /** to encrypted packets */
  keys: readonly PacketKey[];
  /** sends the marker and says between which ends it went */
  send: (text: string) => Promise<Tuple>;
}

/** Sends the marker on the wire and waits until it comes back as alert and packet. */
export async function testAlertLive(test: LiveTest): Promise<TestAlertResult> {
  const first = listSegments(test.spoolDir).at(-1) ?? 0;
  let place = { record: first, segment: first, offset: 0 };
  const fromUs = (Date.now() - CLOCK_STEP_MS) * 1000;
  const tuple = await test.send(`${MARKER}${Date.now().toString(16)}`);
  const deadline = Date.now() + test.timeoutMs;
  let alert = false;
  let packet = false;
  while (!(alert && packet) && Date.now() < deadline) {
    const batch = readBatch(test.spoolDir, 'ids', place);
    place = batch.next;
    alert ||= batch.records.some(
      ({ event }) => event.type === 'alert' && isMarker(event.eve) && event.eve.src_port === tuple.srcPort,
    );
    packet ||= await hasPacket(test.storeDir, tuple, { keys: test.keys, fromUs });
    if (batch.records.length === 0) await wait(POLL_MS);
  }
  return judge(alert, packet, 'the sensor');
}

const isMarker = (eve: EveRecord): boolean => eve.alert?.signature_id === MARKER_SID;

async function hasPacket(dir: string, tuple: Tuple, more: Omit<PacketQuery, 'filter'> = {}): Promise<boolean> {
  for await (const _ of findPackets(dir, { filter: tupleFilter(tuple), ...more })) return true;
  return false;
}

function judge(alert: boolean, packet: boolean, who: string): TestAlertResult {
  const lost = packet
    ? 'the packet is in the packet log, but no alert came: is mss-suricata running, and are the shipped rules on (mss rules list)?'
    : alert
      ? 'the alert came, but the packet is not in the packet log: is mss-capture running, and does capture.filter leave it out?'
      : 'nothing was seen: the mirror does not carry the management side, promiscuous mode is off, or the interface is wrong (mss doctor)';
  const ok = alert && packet;
  return { type: 'test-alert', ok, alert, packet, text: ok ? `alert and packet found by ${who}` : lost };
}
