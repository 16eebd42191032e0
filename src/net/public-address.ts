// Addresses that can belong to somebody on the Internet; the others mean something else on every network (RFC 6890).
import { parseAddressOrNothing } from './address.ts';
import { type Cidr, cidrContains, parseCidr } from './cidr.ts';

const SPECIAL = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '2001:db8::/32',
  '2002::/16',
].map(parseCidr);
const GLOBAL_UNICAST = parseCidr('2000::/3');

/** False for what is no address, too. */
export function isPublicAddress(text: string): boolean {
  const address = parseAddressOrNothing(text);
  if (address === undefined || SPECIAL.some((block) => cidrContains(block, address))) return false;
  return address.length === 4 || cidrContains(GLOBAL_UNICAST, address);
}

/** Whether all addresses of a block are such. */
export function isPublicBlock(block: Cidr): boolean {
  if (SPECIAL.some((one) => cidrContains(one, block.network) || cidrContains(block, one.network))) return false;
  return block.network.length === 4 || cidrContains(GLOBAL_UNICAST, block.network);
}
