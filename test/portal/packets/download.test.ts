// What becomes of a download whose reader goes away: its place is free again, and the audit log says how it ended.
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { PacketDownloads } from '../../../src/portal/packets/download.ts';
import { planWordQuestion } from '../../../src/portal/packets/question.ts';
import { block, section } from '../../pcap/sample.ts';

const QUESTION = planWordQuestion({ tuple: '10.0.0.5,1,192.0.2.9,443,tcp' }, 'pcapng', 0);
const BEGIN = Buffer.concat([section(true), block(true, 6, Buffer.alloc(28))]);

/** Downloads out of a program that says `BEGIN` and then nothing until it is stopped. */
function makeDownloads() {
  let stopped = 0;
  const downloads = new PacketDownloads(() => {
    const stdout = new PassThrough();
    stdout.write(BEGIN);
    const ended = new Promise<{ code: number; stderr: string }>((resolve) => {
      stdout.once('end', () => resolve({ code: 137, stderr: '' }));
    });
    return {
      stdout,
      ended,
      stop: () => {
        stopped++;
        stdout.end();
      },
    };
  });
  return { downloads, stopped: () => stopped };
}

test('a reader who goes before reading a byte leaves the place to the next', async () => {
  const { downloads, stopped } = makeDownloads();
  const results: string[] = [];
  for (let round = 0; round < 3; round++) {
    const reader = new AbortController();
    await downloads.open(QUESTION, reader.signal, (bytes, result) => results.push(`${result} after ${bytes}`));
    reader.abort();
  }
  expect(results).toEqual(Array(3).fill(`ended early after ${BEGIN.length}`));
  expect(stopped()).toBe(3);
});

test('a reader who goes in the middle ends it once', async () => {
  const { downloads } = makeDownloads();
  const results: string[] = [];
  const reader = new AbortController();
  const body = await downloads.open(QUESTION, reader.signal, (_bytes, result) => results.push(result));
  const stream = body.getReader();
  await stream.read();
  reader.abort();
  await stream.cancel();
  expect(results).toEqual(['ended early']);
});

test('more than two at a time wait for another moment', async () => {
  const { downloads } = makeDownloads();
  const { signal } = new AbortController();
  for (let i = 0; i < 2; i++) await downloads.open(QUESTION, signal, () => {});
  await expect(downloads.open(QUESTION, signal, () => {})).rejects.toThrow(/try again in a moment/);
});
