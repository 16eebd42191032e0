// Country and AS of an address, as text; empty until it is known, and for addresses that belong to nobody.
import { useEffect } from 'preact/hooks';
import { renderOrigin } from '../../api/origin.ts';
import { originOf, wantOrigin } from '../state/origins.ts';

export function AddressOrigin({ address }: { address: string }) {
  useEffect(() => wantOrigin(address), [address]);
  const origin = originOf(address);
  return origin === undefined ? null : <span class="origin">{renderOrigin(origin)}</span>;
}
