// What one capture file gives the engine: a file for each of its link types, since the engine takes one in a file.
import { closeSync, openSync, writeSync } from 'node:fs';
import type { CapturedPacket } from '../../pcap/packet.ts';
import { PcapngEncoder } from '../../pcap/write-pcapng.ts';
import type { EngineSession } from '../../suricata/apply-session.ts';

const WRITE_BYTES = 1 << 20;

export interface EngineCapture {
  name: string;
  packets: number;
  bytes: number;
  fd: number;
  encoder: PcapngEncoder;
  waiting: Uint8Array[];
  waitingBytes: number;
}

export class EngineCaptures {
  readonly #session: EngineSession;
  readonly #open = new Map<number, EngineCapture>();

  constructor(session: EngineSession) {
    this.#session = session;
  }

  append(packet: CapturedPacket): void {
    let capture = this.#open.get(packet.linkType);
    if (capture === undefined) {
      const name = `capture-${packet.linkType}.pcapng`;
      const fd = openSync(this.#session.captureFile(name), 'w', 0o644);
      capture = { name, packets: 0, bytes: 0, fd, encoder: new PcapngEncoder(), waiting: [], waitingBytes: 0 };
      this.#open.set(packet.linkType, capture);
    }
    const block = capture.encoder.encode(packet);
    capture.waiting.push(block);
    capture.waitingBytes += block.length;
    capture.bytes += block.length;
    capture.packets++;
    if (capture.waitingBytes >= WRITE_BYTES) flush(capture);
  }

  close(): EngineCapture[] {
    return [...this.#open.values()].map((capture) => {
      flush(capture);
      closeSync(capture.fd);
      return capture;
    });
  }
}

function flush(capture: EngineCapture): void {
  const bytes = Buffer.concat(capture.waiting);
  for (let at = 0; at < bytes.length; ) at += writeSync(capture.fd, bytes, at);
  capture.waiting = [];
  capture.waitingBytes = 0;
}
