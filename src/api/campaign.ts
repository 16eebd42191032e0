// A campaign: incidents of several hosts by the same hand, seen as one. It is made of the incidents' bonds whenever it is
// asked for, and kept nowhere: each incident keeps its own evidence, state and verdict.
import { type Evidence, type Incident, PHASES, type Phase, type Related } from './incident.ts';

export interface Campaign {
  /** that of its earliest incident */
  id: string;
  /** in the order in which they were hit */
  hosts: string[];
  /** their incidents, in the same order */
  incidents: string[];
  /** what joins them: addresses that hosts have in common, and hosts that attacked others */
  by: string[];
  phases: Phase[];
  /** of the worst incident */
  rank: number;
  firstUs: number;
  lastUs: number;
  state: 'open' | 'closed';
  /** what happened on all of them, in order of time; the first 200 steps */
  timeline: (Evidence & { host: string })[];
}

const MAX_TIMELINE = 200;
/** hosts and addresses named in one line */
const SHOWN = 8;
const more = (count: number): string => (count > SHOWN ? ` and ${count - SHOWN} more` : '');

/** The campaigns among these incidents, in the order of their first mention; incidents that belong to none are in none. */
export function findCampaigns(incidents: readonly Incident[]): Campaign[] {
  const byId = new Map(incidents.map((incident) => [incident.id, incident]));
  const neighbours = new Map<string, Set<string>>(incidents.map(({ id }) => [id, new Set()]));
  for (const { id, related = [] } of incidents) {
    for (const other of related) {
      if (!byId.has(other.id)) continue;
      neighbours.get(id)!.add(other.id);
      neighbours.get(other.id)!.add(id); // one whose list is full does not name the other
    }
  }
  const done = new Set<string>();
  return incidents.flatMap(({ id }) => {
    const found = done.has(id) ? [] : reachable(id, neighbours);
    for (const one of found) done.add(one);
    return found.length < 2 ? [] : [campaignOf(found.map((one) => byId.get(one)!))];
  });
}

function reachable(from: string, neighbours: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const found = new Set([from]);
  // a set gives what is added to it while it is gone through
  for (const id of found) for (const other of neighbours.get(id)!) found.add(other);
  return [...found];
}

function campaignOf(unsorted: readonly Incident[]): Campaign {
  const members = [...unsorted].sort((a, b) => a.firstUs - b.firstUs || (a.id < b.id ? -1 : 1));
  const ids = new Set(members.map(({ id }) => id));
  const bonds = members.flatMap(({ related = [] }) => related.filter(({ id }) => ids.has(id)));
  const seen = new Set(members.flatMap(({ phases }) => phases));
  return {
    id: members[0].id,
    hosts: members.map(({ host }) => host),
    incidents: [...ids],
    by: [...new Set(bonds.map(({ by }) => by))],
    phases: PHASES.filter((phase) => seen.has(phase)),
    rank: Math.max(...members.map(({ rank }) => rank)),
    firstUs: members[0].firstUs,
    lastUs: Math.max(...members.map(({ lastUs }) => lastUs)),
    state: members.every(({ state }) => state === 'closed') ? 'closed' : 'open',
    timeline: members
      .flatMap(({ host, evidence }) => evidence.map((piece) => ({ ...piece, host })))
      .sort((a, b) => a.timeUs - b.timeUs)
      .slice(0, MAX_TIMELINE),
  };
}

/** In a line: how many hosts, which, by what. */
export function renderCampaign({ hosts, by, phases }: Campaign): string {
  const some = (list: readonly string[]) => list.slice(0, SHOWN).join(', ') + more(list.length);
  return `Campaign: ${hosts.length} hosts (${some(hosts)}), joined by ${some(by)}: ${phases.join(', ')}`;
}

/** The other hosts of an incident's campaign, as its own bonds tell; empty for one that stands alone. */
export function renderRelated(related: Incident['related'] = []): string {
  const bond = ({ host, by, phase }: Related) =>
    phase !== 'spread'
      ? `${host} (${phase} ${by})`
      : by === host
        ? `${host} (attacked this host)`
        : `${host} (attacked)`;
  return related.slice(0, SHOWN).map(bond).join(', ') + more(related.length);
}
