// The alerts, newest first.
import type { AlertRow } from '../../api/rows.ts';
import { longTime, severityWord, shortTime, sourceOf, targetOf } from '../format.ts';
import { failure, fresh, loading, loadMore, more, nothing, rows, selectedId } from '../state/alerts.ts';
import { ListFrame } from './list-frame.tsx';

const COLUMNS = [
  ['time', 'Time (UTC)'],
  ['severity', 'Severity'],
  ['signature', 'Signature'],
  ['end', 'Source'],
  ['end', 'Destination'],
  ['category', 'Category'],
  ['app', 'App'],
] as const;

export function AlertList() {
  const list = rows.value;
  const nowMs = Date.now();
  return (
    <ListFrame
      columns={COLUMNS}
      empty={list.length === 0}
      loading={loading.value}
      failure={failure.value}
      nothing={nothing.value}
      loadMore={more.value ? () => void loadMore() : undefined}
    >
      {list.map((row) => (
        <Line
          key={row.id}
          row={row}
          nowMs={nowMs}
          chosen={row.id === selectedId.value}
          isNew={fresh.value.has(row.id)}
        />
      ))}
    </ListFrame>
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
      class={[isNew ? 'new' : '', eve.mss?.action ?? ''].join(' ').trim() || undefined}
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
        {eve.mss?.class !== undefined && (
          <>
            <span class="class">{eve.mss.class}</span>{' '}
          </>
        )}
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
