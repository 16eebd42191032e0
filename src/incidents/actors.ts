// Who is who in an incident: the far ends of its steps, by what they did.
import type { Actors, Phase } from '../api/incident.ts';
import { type DialogEvent, farEndOf } from './dialog-event.ts';

const MAX_OF_A_KIND = 50;

const ROLE: Readonly<Partial<Record<Phase, keyof Actors>>> = {
  'scan-in': 'attackers',
  exploit: 'attackers',
  download: 'eggSources',
  c2: 'controllers',
  peer: 'controllers',
  'known-bad': 'controllers',
  spread: 'targets',
};

export function actorsOf(events: readonly DialogEvent[]): Actors {
  const actors: Actors = { attackers: [], eggSources: [], controllers: [], targets: [] };
  for (const event of events) {
    const role = ROLE[event.phase];
    const far = farEndOf(event);
    if (role === undefined || far === undefined) continue;
    const list = actors[role];
    if (list.length < MAX_OF_A_KIND && !list.includes(far)) list.push(far);
  }
  return actors;
}
