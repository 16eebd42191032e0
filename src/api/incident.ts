// An incident (infection profile): what is known of one internal host's infection, with its evidence.
// Phases after BotHunter (Gu et al., USENIX Security 2007), section 3; spelling is the product's contract.

export const PHASES = ['scan-in', 'exploit', 'download', 'c2', 'spread', 'prepare', 'peer', 'known-bad'] as const;
export type Phase = (typeof PHASES)[number];

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
  firstUs: number;
  lastUs: number;
  state: 'open' | 'closed';
  evidence: Evidence[];
  /** how many pieces of evidence came after the list above was full */
  evidenceDropped: number;
}
