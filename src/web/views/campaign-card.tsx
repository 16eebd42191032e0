// A campaign: which hosts the same hand infected, and what happened on all of them in order of time.
import type { Campaign } from '../../api/campaign.ts';
import { count, longTime, shortTime } from '../format.ts';
import { applyFilter, table } from '../state/query.ts';
import { EvidenceTable, rankWord } from './evidence-table.tsx';

export function CampaignCard({ campaign }: { campaign: Campaign }) {
  const nowMs = Date.now();
  const { hosts, by, rank, phases, firstUs, lastUs, state, timeline } = campaign;
  return (
    <details class={`incident ${rankWord(rank)}`}>
      <summary>
        <span class="rank" title="Rank of its worst incident">
          {Math.round(rank)}
        </span>
        <span class="host">Campaign on {count(hosts.length)} hosts</span>
        <span class="steps">
          {phases.map((phase) => (
            <span key={phase} class="step seen">
              {phase}
            </span>
          ))}
        </span>
        <span class="when" title={`${longTime(firstUs)} to ${longTime(lastUs)}`}>
          {shortTime(firstUs, nowMs)} – {shortTime(lastUs, nowMs)}
        </span>
        <span class="pieces">
          by {by.slice(0, 2).join(', ')}
          {by.length > 2 && ` and ${by.length - 2} more`}
          {state === 'closed' && ' · closed'}
        </span>
      </summary>
      <p class="reasons">Joined by {by.join(', ')}; in the order in which they were hit:</p>
      <p>
        {hosts.map((host) => (
          <button
            key={host}
            type="button"
            class="quiet"
            onClick={() => {
              table.value = 'alerts';
              applyFilter(`host ${host}`);
            }}
          >
            {host}
          </button>
        ))}
      </p>
      <EvidenceTable pieces={timeline} />
    </details>
  );
}
