// An incident (infection profile): what is known of one internal host's infection, with its evidence; and a suspect, a
// host with one loud step that is no incident yet.
// Phases after BotHunter (Gu et al., USENIX Security 2007), section 3; spelling is the product's contract.

export const PHASES = ['scan-in', 'exploit', 'download', 'c2', 'spread', 'prepare', 'peer', 'known-bad'] as const;
export type Phase = (typeof PHASES)[number];

/** One step. Its ends, community id and time are where its flow and packets are found, `rule` its alerts. */
export interface Evidence {
  timeUs: number;
  phase: Phase;
  /** which detector said so: 'alert' or a detector's name */
  detector: string;
  summary: string;
  /** rule of an alert as gid:sid:rev */
  rule?: string;
  src_ip?: string;
  src_port?: number;
  dest_ip?: string;
  dest_port?: number;
  proto?: string;
  community_id?: string;
  /** how often it was seen between these ends, and when last; absent: once */
  count?: number;
  lastUs?: number;
}

/** Who took part, by what they did; 50 addresses of a kind at most, the first seen first. */
export interface Actors {
  /** did something to the host */
  attackers: string[];
  /** the host fetched programs from */
  eggSources: string[];
  /** command the host, or are told of it */
  controllers: string[];
  /** the host attacked or scanned */
  targets: string[];
}

/** A person's word on an incident. */
export interface Verdict {
  state: 'open' | 'closed';
  /** whether there was an infection at all; what the rules' truthfulness is learned from */
  truth?: 'true' | 'false';
  note?: string;
  assignee?: string;
  /** account that said so */
  by: string;
  timeUs: number;
}

/** A verdict in a line. */
export function renderVerdict({ id, host }: { id: string; host: string }, verdict: Verdict): string {
  const { by, state, truth, assignee, note } = verdict;
  const words = [truth === 'false' ? 'a false alarm' : truth === 'true' ? 'a true one' : '', note ?? ''];
  const said = words.filter((word) => word !== '').join(': ');
  const whose = assignee === undefined ? '' : `, for ${assignee}`;
  return `${by}: incident ${id} of ${host} is ${state}${whose}${said === '' ? '' : ` (${said})`}`;
}

/** An incident of another host that belongs together with this one, and why. */
export interface Related {
  id: string;
  host: string;
  /** the address that both have in common; of phase `spread`, the host that attacked the other */
  by: string;
  phase: Phase;
}

export interface Suspect {
  host: string;
  /** -100..100 */
  rank: number;
  reasons: string[];
  phases: Phase[];
  firstUs: number;
  lastUs: number;
  evidence: Evidence[];
}

export interface Incident {
  /** stable for the life of the incident, and the same for the same input in any file order */
  id: string;
  host: string;
  score: number;
  /** -100..100 */
  rank: number;
  /** what the rank is made of, one line each */
  reasons?: string[];
  phases: Phase[];
  actors?: Actors;
  firstUs: number;
  lastUs: number;
  state: 'open' | 'closed';
  /** the last one; new evidence opens the incident again and leaves it readable */
  verdict?: Verdict;
  /** how often new evidence came after a person had closed it */
  reopened?: number;
  /** incidents of other hosts by the same hand, 50 at most: one campaign, see campaign.ts */
  related?: Related[];
  evidence: Evidence[];
  /** how many pieces of evidence came after the list above was full */
  evidenceDropped: number;
}
