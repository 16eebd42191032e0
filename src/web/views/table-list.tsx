// Logs, hosts or flows: one list, with the columns of the table in sight.
import type { FlowRow, HostRow, LogRow } from '../../api/rows.ts';
import { bytes, count, longTime, severityWord, shortTime, sourceOf, targetOf } from '../format.ts';
import { applyFilter, table } from '../state/query.ts';
import { keyOf, loadOlder, tableState } from '../state/tables.ts';
import { AddressOrigin } from './address-origin.tsx';
import { ListFrame } from './list-frame.tsx';

const COLUMNS = {
  logs: [
    ['time', 'Time (UTC)'],
    ['end', 'From'],
    ['app', 'Program'],
    ['signature', 'Message'],
    ['category', 'Understood as'],
  ],
  hosts: [
    ['end', 'Host'],
    ['app', 'Rank'],
    ['severity', 'Alerts'],
    ['app', 'Flows'],
    ['app', 'Sent'],
    ['app', 'Received'],
    ['time', 'First (UTC)'],
    ['time', 'Last (UTC)'],
    ['category', 'Country, AS'],
  ],
  flows: [
    ['time', 'Time (UTC)'],
    ['end', 'Source'],
    ['end', 'Destination'],
    ['app', 'App'],
    ['app', 'To server'],
    ['app', 'To client'],
    ['category', 'Ended'],
  ],
} as const;

export function TableList({ name }: { name: keyof typeof COLUMNS }) {
  const { rows, more, nothing, failure, loading } = tableState.value;
  const nowMs = Date.now();
  return (
    <ListFrame
      columns={COLUMNS[name]}
      empty={rows.length === 0}
      loading={loading}
      failure={failure}
      nothing={nothing}
      loadMore={more && name !== 'hosts' ? () => void loadOlder() : undefined}
    >
      {rows.map((row) =>
        row.type === 'log' ? (
          <LogLine key={keyOf(row)} row={row} nowMs={nowMs} />
        ) : row.type === 'host' ? (
          <HostLine key={keyOf(row)} row={row} nowMs={nowMs} />
        ) : (
          <FlowLine key={keyOf(row)} row={row} nowMs={nowMs} />
        ),
      )}
    </ListFrame>
  );
}

interface LineProps<Row> {
  row: Row;
  nowMs: number;
}

const Time = ({ us, nowMs }: { us: number; nowMs: number }) => (
  <td class="time" title={longTime(us)}>
    {shortTime(us, nowMs)}
  </td>
);

function LogLine({ row: { timeUs, log }, nowMs }: LineProps<LogRow>) {
  const understood = Object.entries(log.fields ?? {})
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
  return (
    <tr>
      <Time us={timeUs} nowMs={nowMs} />
      <td class="end" title={`sent by ${log.sender}`}>
        {log.host ?? log.sender}
      </td>
      <td class="app" title={log.app}>
        {log.app ?? ''}
      </td>
      <td class="signature" title={log.raw}>
        {log.message}
      </td>
      <td class="category" title={understood}>
        {understood === '' ? (log.decoder ?? '') : understood}
      </td>
    </tr>
  );
}

function HostLine({ row, nowMs }: LineProps<HostRow>) {
  const { address, rank, standing, alerts, worstSeverity } = row;
  return (
    <tr
      title={`Alerts of ${address}`}
      onClick={() => {
        table.value = 'alerts';
        applyFilter(`host ${address}`);
      }}
    >
      <td class="end">{address}</td>
      <td class="app" title={standing}>
        {rank === undefined ? '' : `${Math.round(rank)} ${standing ?? ''}`}
      </td>
      <td class="severity">
        {alerts > 0 && <span class={`badge ${severityWord(worstSeverity)}`}>{count(alerts)}</span>}
      </td>
      <td class="app">{count(row.flows)}</td>
      <td class="app">{bytes(row.sentBytes)}</td>
      <td class="app">{bytes(row.receivedBytes)}</td>
      <Time us={row.firstUs} nowMs={nowMs} />
      <Time us={row.lastUs} nowMs={nowMs} />
      <td class="category">
        <AddressOrigin address={address} />
      </td>
    </tr>
  );
}

function FlowLine({ row: { timeUs, eve }, nowMs }: LineProps<FlowRow>) {
  const { flow } = eve;
  return (
    <tr>
      <Time us={timeUs} nowMs={nowMs} />
      <td class="end" title={sourceOf(eve)}>
        {sourceOf(eve)}
      </td>
      <td class="end" title={targetOf(eve)}>
        {targetOf(eve)}
      </td>
      <td class="app">{eve.app_proto ?? eve.proto?.toLowerCase() ?? ''}</td>
      <td class="app">{flow && bytes(flow.bytes_toserver)}</td>
      <td class="app">{flow && bytes(flow.bytes_toclient)}</td>
      <td class="category">{[flow?.state, flow?.reason].filter((part) => part !== undefined).join(', ')}</td>
    </tr>
  );
}
