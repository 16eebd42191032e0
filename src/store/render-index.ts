// A finished flow index to the bytes of its index file. Takes some tens of milliseconds: done off the capture thread.
import { HAS_ADDRESSES, HAS_ARP, HAS_IPV4, KEY_WORDS, W_DST, W_KIND, W_SRC } from '../pcap/key-words.ts';
import { hashAddress } from './flow-hash.ts';
import { type FlowIndex, MOST_TICKS, RUN_PACKETS, RUN_SHIFT, TICK_SHIFT, W_FLOW } from './flow-index.ts';
import {
  type IndexHeader,
  LONG_RECORD_WORDS,
  LONG_RECORDS_A_PAGE,
  layIndex,
  PAGE_BYTES,
  SHORT_RECORD_WORDS,
  SHORT_RECORDS_A_PAGE,
  sealIndex,
} from './index-format.ts';
import { MOST_VARINT_BYTES, putVarint } from './varint.ts';

/** Words of a flow record that differ from the table's. */
export const R_PACKETS = 2;
export const R_POSTINGS = 3;
/** first and last time as 16-bit fractions of the segment's time: low half rounded down, high half rounded up */
export const R_TIMES = 4;

// sorting numbers is fast, sorting objects is not: a pair (32-bit value, 21-bit number) is one exact double
const PAIR = 2 ** 21;

/**
 * The index file of a segment.
 * @param segmentBytes length of the segment, so that a reader notices when it was cut.
 */
export function renderIndex(index: FlowIndex, segmentBytes: number): Uint8Array<ArrayBuffer> {
  const { order, shortFlows } = sortFlows(index);
  const numbers = order.map((slot) => index.table[slot * KEY_WORDS + W_FLOW]);
  const counts = countPackets(index);
  const records = placeRecords(index, order, numbers, counts);
  const postings = renderPostings(index, numbers, counts, records);
  const hosts = renderHosts(records, order.length, index.seed);
  const { flows, packets, seed, ordered, firstNs, lastNs } = index;
  const sizes = {
    flows,
    shortFlows,
    packets,
    hosts: hosts.table.length / 2,
    seed,
    ordered,
    firstNs,
    lastNs,
    segmentBytes,
  };
  const header = layIndex(sizes, hosts.lists.length, postings.length);
  const file = new Uint8Array(header.fileBytes);
  putRecords(file, records, header);
  file.set(new Uint8Array(hosts.table.buffer), header.hostsAt);
  file.set(hosts.lists, header.hostListsAt);
  file.set(postings, header.postingsAt);
  sealIndex(file, header);
  return file;
}

/** Slots of all flows, by hash: first those whose records are short. */
function sortFlows(index: FlowIndex): { order: Uint32Array; shortFlows: number } {
  const { table } = index;
  const sorted = index.sortedSlots();
  const isShort = (slot: number) => (table[slot * KEY_WORDS + W_KIND] & (HAS_IPV4 | HAS_ARP)) !== 0;
  const order = new Uint32Array(sorted.length);
  let n = 0;
  for (const slot of sorted) if (isShort(slot)) order[n++] = slot;
  const shortFlows = n;
  for (const slot of sorted) if (!isShort(slot)) order[n++] = slot;
  return { order, shortFlows };
}

/** Writes the records into their pages, without their hashes; short ones without what all IPv4 addresses share, too. */
function putRecords(file: Uint8Array<ArrayBuffer>, records: Uint32Array<ArrayBuffer>, header: IndexHeader): void {
  const { flows, flowsAt, longFlowsAt, shortFlows } = header;
  const words = new Uint32Array(file.buffer, 0, file.length >> 2);
  const pageWords = PAGE_BYTES >> 2;
  for (let i = 0; i < shortFlows; i++) {
    const page = Math.floor(i / SHORT_RECORDS_A_PAGE);
    let to = (flowsAt >> 2) + page * pageWords + (i - page * SHORT_RECORDS_A_PAGE) * SHORT_RECORD_WORDS;
    const from = i * KEY_WORDS;
    for (let word = R_PACKETS; word < W_SRC; word++) words[to++] = records[from + word];
    words[to++] = records[from + W_SRC + 3];
    words[to] = records[from + W_DST + 3];
  }
  for (let i = 0; i < flows - shortFlows; i++) {
    const page = Math.floor(i / LONG_RECORDS_A_PAGE);
    const to = (longFlowsAt >> 2) + page * pageWords + (i - page * LONG_RECORDS_A_PAGE) * LONG_RECORD_WORDS;
    const from = (shortFlows + i) * KEY_WORDS;
    words.set(records.subarray(from + R_PACKETS, from + KEY_WORDS), to);
  }
}

// words of what is counted for each slot
const C_PACKETS = 0;
const C_FIRST = 1;
const C_LAST = 2;
const C_NEXT = 3;
const COUNT_WORDS = 4;

/** Number of packets, first and last tick of each flow, by its number. */
function countPackets({ packetFlows, packets, runTicks, flows }: FlowIndex): Int32Array {
  const counts = new Int32Array((flows + 1) * COUNT_WORDS);
  for (let n = 0; n < packets; ) {
    const run = (n >> RUN_SHIFT) * 2;
    const first = runTicks[run];
    const last = runTicks[run + 1];
    for (const end = Math.min(packets, n + RUN_PACKETS); n < end; n++) {
      const at = packetFlows[n] * COUNT_WORDS;
      if (counts[at + C_PACKETS]++ === 0) {
        counts[at + C_FIRST] = first;
        counts[at + C_LAST] = last;
      } else {
        if (first < counts[at + C_FIRST]) counts[at + C_FIRST] = first;
        if (last > counts[at + C_LAST]) counts[at + C_LAST] = last;
      }
    }
  }
  return counts;
}

function placeRecords(
  index: FlowIndex,
  order: Uint32Array,
  numbers: Uint32Array,
  counts: Int32Array,
): Uint32Array<ArrayBuffer> {
  const { table } = index;
  const records = new Uint32Array(order.length * KEY_WORDS);
  let first = 0;
  let last = 0;
  for (const flow of numbers) {
    first = Math.min(first, counts[flow * COUNT_WORDS + C_FIRST]);
    last = Math.max(last, counts[flow * COUNT_WORDS + C_LAST]);
  }
  const range = Math.max(1, last - first);
  // a clock that jumped by weeks within a block: 32-bit ticks wrapped, and no flow may be passed over by its time
  const wrapped = (index.lastNs - index.firstNs) >> BigInt(TICK_SHIFT) >= BigInt(MOST_TICKS);
  for (let i = 0; i < order.length; i++) {
    const from = order[i] * KEY_WORDS;
    const to = i * KEY_WORDS;
    const count = numbers[i] * COUNT_WORDS;
    for (let word = 0; word < KEY_WORDS; word++) records[to + word] = table[from + word];
    records[to + R_PACKETS] = counts[count + C_PACKETS];
    const low = wrapped ? 0 : Math.floor(((counts[count + C_FIRST] - first) / range) * 65535);
    const high = wrapped ? 65535 : Math.ceil(((counts[count + C_LAST] - first) / range) * 65535);
    records[to + R_TIMES] = low | (high << 16);
  }
  return records;
}

/** Notes in each record where its postings begin. */
function renderPostings(index: FlowIndex, numbers: Uint32Array, counts: Int32Array, records: Uint32Array): Uint8Array {
  const { packetFlows, packetPlaces, packets } = index;
  let total = 0;
  for (let i = 0; i < numbers.length; i++) {
    counts[numbers[i] * COUNT_WORDS + C_NEXT] = total;
    total += records[i * KEY_WORDS + R_PACKETS];
  }
  const places = new Uint32Array(packets);
  for (let n = 0; n < packets; n++) places[counts[packetFlows[n] * COUNT_WORDS + C_NEXT]++] = packetPlaces[n];
  const bytes = new Uint8Array(packets * MOST_VARINT_BYTES);
  let at = 0;
  let n = 0;
  for (let i = 0; i < numbers.length; i++) {
    records[i * KEY_WORDS + R_POSTINGS] = at;
    let before = 0;
    for (let left = records[i * KEY_WORDS + R_PACKETS]; left > 0; left--) {
      at = putVarint(bytes, at, places[n] - before);
      before = places[n++];
    }
  }
  return bytes.subarray(0, at);
}

function renderHosts(
  records: Uint32Array,
  flows: number,
  seed: number,
): { table: Uint32Array<ArrayBuffer>; lists: Uint8Array } {
  const pairs = new Float64Array(flows * 2);
  let count = 0;
  for (let i = 0; i < flows; i++) {
    const at = i * KEY_WORDS;
    if ((records[at + W_KIND] & HAS_ADDRESSES) === 0) continue;
    const src = hashAddress(records, at + W_SRC, seed);
    const dst = hashAddress(records, at + W_DST, seed);
    pairs[count++] = src * PAIR + i;
    if (dst !== src) pairs[count++] = dst * PAIR + i;
  }
  const sorted = pairs.subarray(0, count).sort();
  const table = new Uint32Array(count * 2);
  const lists = new Uint8Array(count * MOST_VARINT_BYTES);
  let hosts = 0;
  let at = 0;
  let before = 0;
  for (const pair of sorted) {
    const hash = Math.floor(pair / PAIR);
    const flow = pair % PAIR;
    if (hosts === 0 || table[hosts * 2 - 2] !== hash) {
      table[hosts * 2] = hash;
      table[hosts * 2 + 1] = at;
      hosts++;
      before = 0;
    }
    at = putVarint(lists, at, flow - before);
    before = flow;
  }
  return { table: table.slice(0, hosts * 2), lists: lists.subarray(0, at) };
}
