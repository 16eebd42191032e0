// "Download packets" with its progress, and why there are none.
import type { AlertRow } from '../../api/rows.ts';
import { bytes } from '../format.ts';
import { download, downloadPackets } from '../state/download.ts';
import { session } from '../state/session.ts';

export function DownloadButton({ row }: { row: AlertRow }) {
  const state = download.value;
  const mine = state.kind !== 'idle' && state.id === row.id ? state : undefined;
  const who = session.value.kind === 'in' ? session.value.who : undefined;
  if (who?.packets !== true) return <p class="hint">This account may not download packets.</p>;
  return (
    <div class="download">
      {mine?.kind === 'running' ? (
        <button type="button" onClick={mine.cancel}>
          Cancel · {bytes(mine.bytes)}
        </button>
      ) : (
        <button type="button" class="primary" onClick={() => void downloadPackets(row.id)}>
          Download packets
        </button>
      )}
      <span role="status">
        {mine?.kind === 'running' && mine.bytes === 0 && 'searching the packet log…'}
        {mine?.kind === 'done' && `${bytes(mine.bytes)} saved`}
        {mine?.kind === 'failed' && <span class="refusal">{mine.why}</span>}
      </span>
    </div>
  );
}
