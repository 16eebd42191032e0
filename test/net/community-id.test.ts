// Vectors: the baseline values published with the specification (seed 0 and seed 1).
import { expect, test } from 'vitest';
import { communityId } from '../../src/net/community-id.ts';
import { parseTuple, reverseTuple } from '../../src/net/tuple.ts';

test.each([
  ['128.232.110.120,34855,66.35.250.204,80,tcp', '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
  ['192.168.1.52,54585,8.8.8.8,53,udp', '1:d/FP5EW3wiY1vCndhwleRRKHowQ='],
  ['192.168.170.8,7,192.168.170.56,80,sctp', '1:jQgCxbku+pNGw8WPbEc/TS/uTpQ='],
  ['192.168.0.89,8,192.168.0.1,0,icmp', '1:X0snYXpgwiv9TZtqg64sgzUn6Dk='],
])('%s', (text, id) => {
  const tuple = parseTuple(text);
  expect(communityId(tuple)).toBe(id);
  if (tuple.proto !== 1) expect(communityId(reverseTuple(tuple))).toBe(id);
});

test('an echo reply belongs to its request', () => {
  const request = communityId(parseTuple('192.168.0.89,8,192.168.0.1,0,icmp'));
  expect(communityId(parseTuple('192.168.0.1,0,192.168.0.89,0,icmp'))).toBe(request);
});

test('the seed changes the id', () => {
  expect(communityId(parseTuple('128.232.110.120,34855,66.35.250.204,80,tcp'), 1)).toBe(
    '1:3V71V58M3Ksw/yuFALMcW0LAHvc=',
  );
});

test.each([
  '1.2.3.4,1,5.6.7.8,2',
  '1.2.3.4,x,5.6.7.8,2,tcp',
  '1.2.3.4,70000,5.6.7.8,2,tcp',
  'host,1,5.6.7.8,2,tcp',
  '1.2.3.4,1,5.6.7.8,2,foo',
])('flow "%s" is refused with the form to write', (text) =>
  expect(() => parseTuple(text)).toThrow(/SRC,SPORT,DST,DPORT,PROTO/),
);
