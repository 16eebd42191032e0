// The incidents, highest rank first; the newest state of each counts.
import { signal } from '@preact/signals';
import type { Incident } from '../../api/incident.ts';
import type { IncidentRow, SearchPage } from '../../api/rows.ts';
import { askJson, messageOf } from '../api-client.ts';

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
