// Where an address belongs, as the databases on this sensor say; and what others say who are asked about it.

export interface Origin {
  /** ISO 3166-1 alpha-2 */
  country?: string;
  /** number and name of the autonomous system that announces it */
  asn?: number;
  asName?: string;
}

/** Answer to GET /api/origins: only of the addresses that something is known of. */
export type Origins = Record<string, Origin>;

/** "DE, AS64500 Example Ltd" */
export function renderOrigin({ country, asn, asName }: Origin): string {
  const as = asn === undefined ? undefined : [`AS${asn}`, asName].filter((part) => part !== undefined).join(' ');
  return [country, as].filter((part) => part !== undefined).join(', ');
}

/** What one of those asked outside said; `failure` in place of facts when it did not. */
export interface OutsideAnswer {
  /** reverse-dns, rdap, whois */
  provider: string;
  facts?: Record<string, string>;
  failure?: string;
}

/** Answer to GET /api/who/ADDRESS. */
export interface AddressReport {
  address: string;
  origin?: Origin;
  /** why nobody outside was asked; absent when somebody was */
  notAsked?: string;
  answers: OutsideAnswer[];
}
