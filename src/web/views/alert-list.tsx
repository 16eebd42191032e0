// The alerts, newest first.
import type { AlertRow } from '../../api/rows.ts';
import { longTime, severityWord, shortTime, sourceOf, targetOf } from '../format.ts';
import { failure, fresh, loading, loadMore, more, nothing, rows, selectedId } from '../state/alerts.ts';

export function AlertList() {
  const list = rows.value;
  const nowMs = Date.now();
  return (
    <div class="list" aria-busy={loading.value}>
      {failure.value !== undefined && (
        <p class="refusal banner" role="alert">
          {failure.value}
        </p>
      )}
      <table>
        <thead>
          <tr>
            <th class="time">Time (UTC)</th>
            <th class="severity">Severity</th>
            <th>Signature</th>
            <th class="end">Source</th>
            <th class="end">Destination</th>
            <th class="category">Category</th>
            <th class="app">App</th>
          </tr>
        </thead>
        <tbody>
          {list.map((row) => (
            <Line
              key={row.id}
              row={row}
              nowMs={nowMs}
              chosen={row.id === selectedId.value}
              isNew={fresh.value.has(row.id)}
            />
          ))}
        </tbody>
      </table>
      {list.length === 0 && !loading.value && failure.value === undefined && (
        <p class="empty">{nothing.value ?? 'Nothing yet.'}</p>
      )}
      {more.value && (
        <p class="more">
          <button type="button" onClick={() => void loadMore()} disabled={loading.value}>
            {loading.value ? 'Loading…' : 'Older alerts'}
          </button>
        </p>
      )}
    </div>
  );
}

interface LineProps {
  row: AlertRow;
  nowMs: number;
  chosen: boolean;
  isNew: boolean;
}

function Line({ row, nowMs, chosen, isNew }: LineProps) {
  const { eve } = row;
  const word = severityWord(eve.alert?.severity);
  const choose = () => {
    selectedId.value = chosen ? undefined : row.id;
  };
  return (
    <tr
      class={isNew ? 'new' : undefined}
      tabIndex={0}
      aria-selected={chosen}
      onClick={choose}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault();
          choose();
        }
      }}
    >
      <td class="time" title={longTime(row.timeUs)}>
        {shortTime(row.timeUs, nowMs)}
      </td>
      <td class="severity">
        <span class={`badge ${word}`}>{word}</span>
      </td>
      <td class="signature" title={eve.alert?.signature}>
        {eve.alert?.signature ?? '?'}
      </td>
      <td class="end" title={sourceOf(eve)}>
        {sourceOf(eve)}
      </td>
      <td class="end" title={targetOf(eve)}>
        {targetOf(eve)}
      </td>
      <td class="category" title={eve.alert?.category}>
        {eve.alert?.category ?? ''}
      </td>
      <td class="app">{eve.app_proto ?? eve.proto?.toLowerCase() ?? ''}</td>
    </tr>
  );
}
