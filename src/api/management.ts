// The management network as a person or an answer file states it: local, never pushed from a controller.
import * as v from 'valibot';
import { MssError } from '../errors.ts';
import { parseAddressOrNothing } from '../net/address.ts';
import { cidrContains, parseCidr } from '../net/cidr.ts';

/** RFC 1123 2.1, without a dot at the end. */
const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

const isAddress = (text: string): boolean => parseAddressOrNothing(text) !== undefined;
const isAddressWithPrefix = (text: string): boolean => {
  const [address, bits] = text.split('/');
  const bytes = parseAddressOrNothing(address);
  return bytes !== undefined && /^\d{1,3}$/.test(bits ?? '') && Number(bits) > 0 && Number(bits) <= bytes.length * 8;
};
const address = v.pipe(v.string(), v.check(isAddress, 'must be an IP address like 192.0.2.7'));

const hostName = v.pipe(v.string(), v.regex(HOST_NAME, 'must be a host name of letters, digits, "-" and "."'));

const ManagementSchema = v.variant('method', [
  v.strictObject({
    method: v.literal('dhcp'),
    interface: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_.-]{1,15}$/, 'must be an interface name like eth0')),
    hostName,
    /** empty: those of the DHCP server */
    dns: v.pipe(v.array(address), v.maxLength(4)),
  }),
  v.pipe(
    v.strictObject({
      method: v.literal('static'),
      interface: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_.-]{1,15}$/, 'must be an interface name like eth0')),
      hostName,
      dns: v.pipe(v.array(address), v.maxLength(4)),
      address: v.pipe(v.string(), v.check(isAddressWithPrefix, 'must be an address with its prefix: 192.0.2.7/24')),
      gateway: v.optional(address),
    }),
    v.check(
      ({ address, gateway }) =>
        gateway === undefined ||
        !isAddressWithPrefix(address) ||
        cidrContains(parseCidr(address), parseAddressOrNothing(gateway) ?? new Uint8Array()),
      'the gateway must lie in the network of the address',
    ),
  ),
]);

export type Management = v.InferOutput<typeof ManagementSchema>;

/** @throws MssError 'network' naming every faulty key */
export function parseManagement(document: unknown): Management {
  const result = v.safeParse(ManagementSchema, document);
  if (result.success) return result.output;
  const faults = result.issues.map((issue) => {
    const path = v.getDotPath(issue);
    return path === null ? issue.message : `${path}: ${issue.message}`;
  });
  throw new MssError('network', `network settings refused: ${faults.join('; ')}`);
}

/** Whether a text is one interface address with its prefix ("192.0.2.7/24"). */
export const isInterfaceAddress = isAddressWithPrefix;
/** Whether a text may name this machine. */
export const isHostName = (text: string): boolean => HOST_NAME.test(text);
