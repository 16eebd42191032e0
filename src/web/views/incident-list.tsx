// Incidents, highest rank first: the host, how far the infection got, and the evidence one click away.
import { useSignal } from '@preact/signals';
import { findCampaigns, renderRelated } from '../../api/campaign.ts';
import { type Actors, type Incident, PHASES } from '../../api/incident.ts';
import { count, longTime, shortTime } from '../format.ts';
import { incidents, incidentsFailure } from '../state/incidents.ts';
import { applyFilter, table } from '../state/query.ts';
import { AddressOrigin } from './address-origin.tsx';
import { CampaignCard } from './campaign-card.tsx';
import { EvidenceTable, rankWord } from './evidence-table.tsx';
import { VerdictForm } from './verdict-form.tsx';

const SHOWN = 4;

export function IncidentList() {
  const all = useSignal(false);
  const list = incidents.value;
  const shown = all.value ? list : list.slice(0, SHOWN);
  return (
    <section class="incidents" aria-label="Incidents">
      <header>
        <h2>Incidents</h2>
        <span class="hint">
          {list.length === 0 ? 'no host showed two steps of an infection' : `${count(list.length)}, highest rank first`}
        </span>
        {list.length > SHOWN && (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              all.value = !all.value;
            }}
          >
            {all.value ? 'Show fewer' : `Show all ${list.length}`}
          </button>
        )}
      </header>
      {incidentsFailure.value !== undefined && <p class="refusal">{incidentsFailure.value}</p>}
      {findCampaigns(list).map((campaign) => (
        <CampaignCard key={campaign.id} campaign={campaign} />
      ))}
      {shown.map((incident) => (
        <IncidentCard key={incident.id} incident={incident} />
      ))}
    </section>
  );
}

function IncidentCard({ incident }: { incident: Incident }) {
  const nowMs = Date.now();
  const { host, rank, firstUs, lastUs, evidence, evidenceDropped, state, reasons } = incident;
  const pieces = evidence.length + evidenceDropped;
  return (
    <details class={`incident ${rankWord(rank)}`}>
      <summary>
        <span class="rank" title="Rank, -100 to 100">
          {Math.round(rank)}
        </span>
        <code class="host">{host}</code>
        <Steps incident={incident} />
        <span class="when" title={`${longTime(firstUs)} to ${longTime(lastUs)}`}>
          {shortTime(firstUs, nowMs)} – {shortTime(lastUs, nowMs)}
        </span>
        <span class="pieces">
          {count(pieces)} {pieces === 1 ? 'piece' : 'pieces'} of evidence{state === 'closed' && ' · closed'}
        </span>
      </summary>
      {reasons !== undefined && reasons.length > 0 && <p class="reasons">{reasons.join(' · ')}</p>}
      {incident.actors !== undefined && <Who actors={incident.actors} />}
      {incident.related !== undefined && <p class="reasons">together with {renderRelated(incident.related)}</p>}
      <EvidenceTable pieces={evidence} />
      {evidenceDropped > 0 && <p class="hint">and {count(evidenceDropped)} more that were not kept</p>}
      <VerdictForm incident={incident} />
      <button
        type="button"
        onClick={() => {
          table.value = 'alerts';
          applyFilter(`host ${host}`);
        }}
      >
        Alerts of {host}
      </button>
    </details>
  );
}

const ROLES = {
  attackers: 'attacked by',
  eggSources: 'fetched from',
  controllers: 'talks to',
  targets: 'attacks',
} as const;
const SHOWN_ACTORS = 5;

function Who({ actors }: { actors: Actors }) {
  const roles = Object.keys(ROLES).filter((role): role is keyof Actors => actors[role as keyof Actors].length > 0);
  return (
    <dl class="actors">
      {roles.map((role) => (
        <div key={role}>
          <dt>{ROLES[role]}</dt>
          <dd>
            {actors[role].slice(0, SHOWN_ACTORS).map((address) => (
              <span key={address} class="actor">
                <code>{address}</code> <AddressOrigin address={address} />
              </span>
            ))}
            {actors[role].length > SHOWN_ACTORS && `and ${actors[role].length - SHOWN_ACTORS} more`}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** All phases in their order; those seen are lit. */
function Steps({ incident }: { incident: Incident }) {
  return (
    <span class="steps">
      {PHASES.map((phase) => {
        const seen = incident.phases.includes(phase);
        return (
          <span key={phase} class={seen ? 'step seen' : 'step'} title={seen ? phase : `${phase}: not seen`}>
            {phase}
          </span>
        );
      })}
    </span>
  );
}
