// One alert: what the rule says, the flow it fired on, what the protocol said, and where to go from here.
import type { ComponentChildren } from 'preact';
import type { AlertRow } from '../../api/rows.ts';
import { bytes, count, longTime, severityWord, sourceOf, targetOf } from '../format.ts';
import { narrowFilter } from '../state/query.ts';
import { DownloadButton } from './download-button.tsx';
import { Facts } from './facts.tsx';
import { FlowFiles } from './flow-files.tsx';
import { Addresses } from './who-is.tsx';

/** Shown in their own places, or no text for a person. */
const SHOWN_ELSEWHERE = new Set([
  'timestamp',
  'flow_id',
  'event_type',
  'src_ip',
  'src_port',
  'dest_ip',
  'dest_port',
  'proto',
  'app_proto',
  'community_id',
  'alert',
  'flow',
  'payload',
  'payload_printable',
  'packet',
  'packet_info',
  'stream',
]);

export function AlertDetail({ row, close }: { row: AlertRow; close(): void }) {
  const { eve } = row;
  const { alert, flow } = eve;
  const word = severityWord(alert?.severity);
  const rest = Object.entries(eve).filter(([name]) => !SHOWN_ELSEWHERE.has(name));
  const records = rest.filter(([, value]) => typeof value === 'object' && value !== null && !Array.isArray(value));
  const plain = rest.filter(([name]) => !records.some(([other]) => other === name));
  return (
    <aside class="detail" aria-label="Alert">
      <header>
        <span class={`badge ${word}`}>{word}</span>
        <h2>{alert?.signature ?? 'Alert'}</h2>
        <button type="button" class="close" onClick={close} aria-label="Close (Escape)">
          ×
        </button>
      </header>
      <p class="sub">
        {longTime(row.timeUs)} · {alert?.category ?? 'no category'}
        {alert?.action === 'blocked' && ' · blocked'}
      </p>
      <p class="ends">
        <code>{sourceOf(eve)}</code> <span aria-hidden="true">→</span> <code>{targetOf(eve)}</code>
      </p>
      <DownloadButton row={row} />
      <Addresses addresses={[eve.src_ip, eve.dest_ip].filter((end) => end !== undefined)} />
      {eve.community_id !== undefined && <FlowFiles communityId={eve.community_id} />}
      <Section title="Look further">
        <div class="pivots">
          {eve.src_ip !== undefined && <Pivot words={`host ${eve.src_ip}`} label={eve.src_ip} />}
          {eve.dest_ip !== undefined && <Pivot words={`host ${eve.dest_ip}`} label={eve.dest_ip} />}
          {alert !== undefined && <Pivot words={`sid ${alert.signature_id}`} label={`rule ${alert.signature_id}`} />}
          {eve.community_id !== undefined && <Pivot words={`community-id ${eve.community_id}`} label="this flow" />}
        </div>
      </Section>
      {alert !== undefined && (
        <Section title="Rule">
          <Facts
            facts={{
              rule: `${alert.gid}:${alert.signature_id}:${alert.rev}`,
              severity: alert.severity,
              action: alert.action,
              ...alert.metadata,
            }}
          />
        </Section>
      )}
      <Section title="Flow">
        <Facts
          facts={{
            protocol: [eve.proto, eve.app_proto].filter((part) => part !== undefined).join(' / '),
            started: flow?.start,
            'to server': flow && `${count(flow.pkts_toserver)} packets, ${bytes(flow.bytes_toserver)}`,
            'to client': flow && `${count(flow.pkts_toclient)} packets, ${bytes(flow.bytes_toclient)}`,
            'community id': eve.community_id,
            ...Object.fromEntries(plain),
          }}
        />
      </Section>
      {records.map(([name, value]) => (
        <Section key={name} title={name}>
          <Facts facts={value as Record<string, unknown>} />
        </Section>
      ))}
    </aside>
  );
}

function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Pivot({ words, label }: { words: string; label: string }) {
  return (
    <button type="button" title={`Only alerts with: ${words}`} onClick={() => narrowFilter(words)}>
      {label}
    </button>
  );
}
