// The short way to a community id says what the long way says.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { communityId } from '../../src/net/community-id.ts';
import { flowKey } from '../../src/query/flow-key.ts';
import { keyCommunityId } from '../../src/query/key-text.ts';

const v4 = fc.constantFrom('10.0.0.1', '10.0.0.2', '9.255.0.1', '192.0.2.200');
const v6 = fc.constantFrom('2001:db8::1', '2001:db8::2', 'fe80::ffff', '::1');
const port = fc.constantFrom(0, 80, 255, 256, 65535);
const rest = { srcPort: port, dstPort: port, proto: fc.constantFrom(6, 17, 132) };

test('for any flow with ports, from either side', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.record({ src: v4, dst: v4, ...rest }), fc.record({ src: v6, dst: v6, ...rest })),
      fc.constantFrom<0 | 1>(0, 1),
      (tuple, side) => {
        const words = new Uint32Array(48);
        words.set(flowKey(tuple), 16);
        expect(keyCommunityId(words, 16, side)).toBe(communityId(tuple));
      },
    ),
    { numRuns: 500 },
  );
});
