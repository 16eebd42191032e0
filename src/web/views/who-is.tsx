// The addresses of an alert: where they belong, and on request what others say of them.
import { useSignal } from '@preact/signals';
import type { AddressReport } from '../../api/origin.ts';
import { isPublicAddress } from '../../net/public-address.ts';
import { messageOf } from '../api-client.ts';
import { askWho, originOf } from '../state/origins.ts';
import { AddressOrigin } from './address-origin.tsx';
import { Facts } from './facts.tsx';

export function Addresses({ addresses }: { addresses: readonly string[] }) {
  const outside = [...new Set(addresses)].filter(isPublicAddress);
  if (outside.length === 0) return null;
  return (
    <section>
      <h3>Addresses</h3>
      {outside.map((address) => (
        <WhoIs key={address} address={address} />
      ))}
      {outside.some((address) => originOf(address)?.asn !== undefined) && (
        <p class="hint">
          AS data:{' '}
          <a href="https://db-ip.com" target="_blank" rel="noreferrer">
            IP Geolocation by DB-IP
          </a>
          , Route Views, NRO (CC BY 4.0)
        </p>
      )}
    </section>
  );
}

type Asked =
  | { kind: 'no' }
  | { kind: 'asking' }
  | { kind: 'failed'; why: string }
  | { kind: 'told'; report: AddressReport };

function WhoIs({ address }: { address: string }) {
  const asked = useSignal<Asked>({ kind: 'no' });
  const ask = async () => {
    asked.value = { kind: 'asking' };
    try {
      asked.value = { kind: 'told', report: await askWho(address) };
    } catch (error) {
      asked.value = { kind: 'failed', why: messageOf(error) };
    }
  };
  const state = asked.value;
  return (
    <div class="address">
      <p>
        <code>{address}</code> <AddressOrigin address={address} />
      </p>
      {state.kind !== 'told' && (
        <button type="button" disabled={state.kind === 'asking'} onClick={() => void ask()}>
          {state.kind === 'asking' ? 'Asking…' : 'Who is this?'}
        </button>
      )}
      {state.kind === 'failed' && <p class="refusal">{state.why}</p>}
      {state.kind === 'told' && <Told report={state.report} />}
    </div>
  );
}

function Told({ report: { notAsked, answers } }: { report: AddressReport }) {
  return (
    <>
      {notAsked !== undefined && <p class="hint">{notAsked}</p>}
      {answers.map(({ provider, facts, failure }) => (
        <div key={provider}>
          <h4>{provider}</h4>
          {failure !== undefined && <p class="refusal">{failure}</p>}
          {facts !== undefined && Object.keys(facts).length === 0 && <p class="hint">knows nothing</p>}
          {facts !== undefined && <Facts facts={facts} />}
        </div>
      ))}
    </>
  );
}
