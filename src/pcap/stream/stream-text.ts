// What two ends said to each other, as text. For reading, not for evidence: bytes that are no text show as \x1b, so that
// no terminal obeys them, and what is missing is said.
import type { CapturedPacket } from '../packet.ts';
import { type Piece, StreamAssembler } from './assemble-streams.ts';

/** Takes packets in order of time and gives the text as it becomes complete. */
export class StreamText {
  readonly #assembler = new StreamAssembler();
  #lastName = '';

  /** packets of conversations beyond what is kept in mind at once, which were left out */
  get skippedPackets(): number {
    return this.#assembler.skippedPackets;
  }

  /** The text that this packet completes; empty for one without payload. */
  add(packet: CapturedPacket): string {
    return this.#show(this.#assembler.add(packet));
  }

  /** What still waits for bytes that never came. */
  end(): string {
    return this.#show(this.#assembler.end());
  }

  #show(pieces: Piece[]): string {
    let text = '';
    for (const { direction, bytes, missingBytes } of pieces) {
      if (direction.name !== this.#lastName) text += `\n--- ${direction.name}\n`;
      this.#lastName = direction.name;
      if (missingBytes > 0) text += `\n[${missingBytes} bytes missing]\n`;
      text += escapeBytes(bytes);
    }
    return text;
  }
}

/** Bytes as ASCII; all others but line breaks and tabs as \x1b, a backslash as two. */
export function escapeBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString('latin1')
    .replaceAll('\r\n', '\n')
    .replaceAll(/[^\n\t\x20-\x5b\x5d-\x7e]/g, (char) =>
      char === '\\' ? '\\\\' : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
    );
}
