// GET /api/origins?address=A&address=B: country and AS, as the databases on this sensor say.
// GET /api/who/ADDRESS: that, and what DNS, RDAP and whois say, where the configuration lets them be asked.
import type { AddressReport, Origin } from '../../api/origin.ts';
import { MssError } from '../../errors.ts';
import { canonicalAddress } from '../../net/address.ts';
import { isPublicAddress } from '../../net/public-address.ts';
import type { PortalApp, PortalParts } from '../parts.ts';

const MOST_ADDRESSES = 200;

export function addressRoutes(app: PortalApp, { findOrigin, whoIs }: PortalParts): void {
  app.get('/api/origins', (c) => {
    const addresses = c.req.queries('address') ?? [];
    if (addresses.length > MOST_ADDRESSES) {
      throw new MssError('usage', `${addresses.length} addresses; ask for ${MOST_ADDRESSES} at a time`);
    }
    const known = addresses.map((address): [string, Origin | undefined] => [address, findOrigin(address)]);
    return c.json(Object.fromEntries(known.filter(([, origin]) => origin !== undefined)));
  });
  app.get('/api/who/:address', async (c) => {
    const address = canonicalAddress(c.req.param('address'));
    const report: AddressReport = { address, origin: findOrigin(address), answers: [] };
    if (!isPublicAddress(address)) report.notAsked = 'this address belongs to nobody on the Internet';
    else {
      const answers = await whoIs(address);
      if (answers === undefined) {
        report.notAsked = 'nobody outside is asked: root can allow it with "mss config set enrich.outside true"';
      } else report.answers = answers;
    }
    return c.json(report);
  });
}
