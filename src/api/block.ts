// Blocks: what may not go on talking, who wanted that, and what came of it.

/** A wish to cut an address off, made by ids out of a rule or an incident; softips decides. */
export interface BlockRequest {
  /** address or block that is cut off; never one of ours, unless both ends are */
  remote: string;
  /** only towards this host of ours; absent: towards everybody */
  host?: string;
  minutes: number;
  /** for a person: the rule or incident behind it */
  why: string;
}

/** What softips did: `would-` where it only simulates. */
export type BlockAction = 'block' | 'would-block' | 'refuse' | 'expire' | 'cut' | 'would-cut';

export interface BlockReport {
  action: BlockAction;
  remote: string;
  host?: string;
  why: string;
  /** of a cut: the protocol and the conversation's ends */
  flow?: string;
}

const WORDS: Readonly<Record<BlockAction, string>> = {
  block: 'blocked',
  'would-block': 'would have blocked',
  refuse: 'does not block',
  expire: 'no longer blocks',
  cut: 'cut',
  'would-cut': 'would have cut',
};

/** "would have blocked 198.51.100.7 towards 192.0.2.9: rule 1:2019401" */
export function renderBlockReport({ action, remote, host, why, flow }: BlockReport): string {
  const what = flow ?? `${remote}${host === undefined ? '' : ` towards ${host}`}`;
  return `${WORDS[action]} ${what}: ${why}`;
}
