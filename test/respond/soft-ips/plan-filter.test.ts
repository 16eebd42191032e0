// The kernel's program, run here by an interpreter: it lets through exactly the
// frames that a block list would find.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAddress } from '../../../src/net/address.ts';
import { cidrContains, parseCidr } from '../../../src/net/cidr.ts';
import { planFilter } from '../../../src/respond/soft-ips/plan-filter.ts';
import { runFilter } from '../../net/run-filter.ts';
import { arp, frame } from '../../pcap/frames.ts';

// few values, so that frames and blocks meet
const v4 = fc.tuple(fc.constantFrom(10, 198), fc.nat(1), fc.nat(1), fc.nat(3)).map((bytes) => bytes.join('.'));
const v6 = fc
  .uint8Array({ minLength: 16, maxLength: 16, max: 1 })
  .map((bytes) => formatAddress(Uint8Array.from([0x20, 1, ...bytes.slice(2)])));
const block = fc.oneof(
  fc.tuple(v4, fc.constantFrom(8, 15, 24, 30, 31, 32)).map(([address, bits]) => `${address}/${bits}`),
  fc.tuple(v6, fc.constantFrom(16, 33, 64, 97, 127, 128)).map(([address, bits]) => `${address}/${bits}`),
);
const ends = fc.oneof(fc.tuple(v4, v4), fc.tuple(v6, v6));

test('lets through what a block names, in both directions, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(block, { maxLength: 12 }), ends, (blocks, [src, dst]) => {
      const targets = blocks.map(parseCidr);
      const bytes = frame({ src, dst, proto: 6, srcPort: 1, dstPort: 2 });
      const named = targets.some((target) => [src, dst].some((one) => cidrContains(target, parseCidr(one).network)));
      expect(runFilter(planFilter(targets), bytes) > 0).toBe(named);
    }),
    { numRuns: 300 },
  );
});

test('no blocks, and no IP, let nothing through', () => {
  expect(runFilter(planFilter([]), frame({ src: '10.0.0.1', dst: '10.0.0.2', proto: 6 }))).toBe(0);
  expect(runFilter(planFilter([parseCidr('10.0.0.1')]), arp('10.0.0.1', '10.0.0.2'))).toBe(0);
});

test('the fullest program fits the kernel (BPF_MAXINSNS)', () => {
  const targets = Array.from({ length: 150 }, (_, i) => parseCidr(`2001:db8::${i.toString(16)}/127`));
  expect(planFilter(targets).length).toBeLessThanOrEqual(4096);
});
