// The incidents, highest rank first; the newest state of each counts.
import { signal } from '@preact/signals';
import type { Incident, Verdict } from '../../api/incident.ts';
import type { IncidentRow, SearchPage } from '../../api/rows.ts';
import { ask, askJson, messageOf } from '../api-client.ts';

const MOST_INCIDENTS = 50;

export const incidents = signal<readonly Incident[]>([]);
export const incidentsFailure = signal<string | undefined>(undefined);

export function mergeIncidents(rows: readonly IncidentRow[]): void {
  if (rows.length === 0) return;
  const byId = new Map(incidents.value.map((incident) => [incident.id, incident]));
  for (const { incident } of rows) byId.set(incident.id, incident);
  incidents.value = [...byId.values()].sort((a, b) => b.rank - a.rank || b.lastUs - a.lastUs).slice(0, MOST_INCIDENTS);
}

export async function loadIncidents(): Promise<void> {
  try {
    const page = await askJson<SearchPage<IncidentRow>>(`/api/incidents?limit=${MOST_INCIDENTS}`);
    mergeIncidents(page.rows);
    incidentsFailure.value = undefined;
  } catch (error) {
    incidentsFailure.value = messageOf(error);
  }
}

export function forgetIncidents(): void {
  incidents.value = [];
}

/** Says a verdict; the incident shows it once ids has applied it. @returns why not, or nothing when it was taken */
export async function judgeIncident(
  id: string,
  verdict: Pick<Verdict, 'state' | 'truth' | 'note'>,
): Promise<string | undefined> {
  try {
    await ask(`/api/incidents/${encodeURIComponent(id)}`, { method: 'POST', body: JSON.stringify(verdict) });
    const state = verdict.state;
    incidents.value = incidents.value.map((incident) => (incident.id === id ? { ...incident, state } : incident));
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
