// Where this machine gets Debian from, read out of its own apt settings, so that no mirror is named in the tree.
import { MssError } from '../../src/errors.ts';

export interface Mirrors {
  main: string;
  security: string;
}

interface Source {
  uri: string;
  suites: string[];
}

/** One-line sources (sources.list(5)): `deb [options] URI suite component…`. */
export function parseListSources(text: string): Source[] {
  return text.split('\n').flatMap((line) => {
    const match = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+\S/.exec(line.trim());
    return match ? [{ uri: match[1], suites: [match[2]] }] : [];
  });
}

/** deb822 sources (sources.list(5)): stanzas of `Types:`, `URIs:`, `Suites:`. */
export function parseDeb822Sources(text: string): Source[] {
  const plain = text.replaceAll(/^#.*\n?/gm, '');
  return plain.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string) =>
      new RegExp(`^${name}:[ \\t]*(.*(?:\\n[ \\t]+.*)*)`, 'im').exec(stanza)?.[1].trim().split(/\s+/) ?? [];
    if (!field('Types').includes('deb') || field('Enabled')[0] === 'no') return [];
    return field('URIs').map((uri) => ({ uri, suites: field('Suites') }));
  });
}

/**
 * The mirrors of Debian proper and of its security updates.
 * @throws MssError `not-found` when the sources name neither, as on another distribution
 */
export function planMirrors(sources: readonly Source[], override: string | undefined): Mirrors {
  const isDebian = (suite: string) => /^(bookworm|trixie|stable|oldstable|testing|sid|forky)\/?$/.test(suite);
  const isSecurity = (suite: string) => /^(bookworm|trixie|stable|oldstable|forky)-security$/.test(suite);
  const main = override ?? sources.find((source) => source.suites.some(isDebian))?.uri;
  if (main === undefined) {
    throw new MssError(
      'not-found',
      "no Debian mirror in this machine's apt sources: set MSS_DEBIAN_MIRROR to the address of one",
    );
  }
  const security = override === undefined && sources.find((source) => source.suites.some(isSecurity))?.uri;
  const trimmed = main.replace(/\/+$/, '');
  return { main: trimmed, security: security || `${trimmed}-security` };
}
