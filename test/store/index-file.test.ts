// Looking things up in an index of many pages: what is there is found, what is not is not.
import { expect, test } from 'vitest';
import { KEY_WORDS, W_DST, W_HASH1, W_HASH2, W_SRC } from '../../src/pcap/key-words.ts';
import { flowKey } from '../../src/query/flow-key.ts';
import { hashAddress, hashKey } from '../../src/store/flow-hash.ts';
import { createFlowIndexMemory, FlowIndex } from '../../src/store/flow-index.ts';
import { IndexFile } from '../../src/store/index-file.ts';
import { renderIndex } from '../../src/store/render-index.ts';

const SEED = 4711;

function keyOf(i: number, v6: boolean): Uint32Array {
  const prefix = v6 ? '2001:db8::' : '10.0.';
  const name = (n: number) => (v6 ? `${prefix}${n.toString(16)}` : `${prefix}${n >> 8}.${n & 255}`);
  return flowKey({ src: name(i % 5000), srcPort: 1024 + i, dst: name(60_000), dstPort: 443, proto: 6 });
}

/** An index of these flows, of a packet each. */
function indexOf(numbers: readonly number[], v6: boolean): IndexFile {
  const index = new FlowIndex(createFlowIndexMemory(15, numbers.length + 1));
  index.begin(SEED);
  for (const [n, i] of numbers.entries()) index.add(keyOf(i, v6), 1, n, n);
  return IndexFile.of(renderIndex(index, 4096));
}

test.each([
  ['one flow', 1, false],
  ['a page', 120, false],
  ['many pages', 9000, false],
  ['many pages of IPv6', 9000, true],
])('%s: every flow and host is found, and none that is not there', (_name, count, v6) => {
  const present = Array.from({ length: count }, (_, i) => i * 2);
  const index = indexOf(present, v6);
  const record = new Uint32Array(KEY_WORDS);
  const find = (i: number) => {
    const key = keyOf(i, v6);
    hashKey(key, 0, SEED);
    const found = index.findFlows(key[W_HASH1], key[W_HASH2], !v6);
    for (const n of found) {
      index.readRecord(n, record);
      expect([...record.subarray(W_SRC)]).toEqual([...key.subarray(W_SRC)]);
    }
    return found.length;
  };
  for (const i of present.filter((_, n) => n % 7 === 0)) expect(find(i)).toBe(1);
  for (const i of present.filter((_, n) => n % 7 === 0)) expect(find(i + 1)).toBe(0);
  const hostFlows = (i: number, word: number) => index.findHostFlows(hashAddress(keyOf(i, v6), word, SEED)).length;
  expect(hostFlows(0, W_DST)).toBe(count);
  expect(hostFlows(2, W_SRC)).toBe(present.filter((i) => i % 5000 === 2).length);
  expect(hostFlows(4999, W_SRC)).toBe(0);
});
