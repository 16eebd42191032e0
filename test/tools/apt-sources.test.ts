import { describe, expect, test } from 'vitest';
import { parseDeb822Sources, parseListSources, planMirrors } from '../../tools/image/apt-sources.ts';

const deb822 = `# a comment
Types: deb
# another
URIs: http://mirror.test/debian
Suites: bookworm bookworm-updates
Components: main

Types: deb deb-src
URIs: http://mirror.test/debian-security
Suites: bookworm-security
Components: main

Types: deb
Enabled: no
URIs: http://off.test/debian
Suites: bookworm
`;

describe('the host’s apt sources', () => {
  test('in deb822 form, without what is switched off', () => {
    expect(parseDeb822Sources(deb822)).toEqual([
      { uri: 'http://mirror.test/debian', suites: ['bookworm', 'bookworm-updates'] },
      { uri: 'http://mirror.test/debian-security', suites: ['bookworm-security'] },
    ]);
  });

  test('in one-line form, with options', () => {
    const text = '# deb http://no.test/ x main\ndeb [signed-by=/k arch=amd64] http://a.test/debian/ trixie main\n';
    expect(parseListSources(text)).toEqual([{ uri: 'http://a.test/debian/', suites: ['trixie'] }]);
  });
});

describe('the mirrors', () => {
  test('are those of Debian, whatever else is configured', () => {
    const sources = [{ uri: 'http://node.test', suites: ['nodistro'] }, ...parseDeb822Sources(deb822)];
    expect(planMirrors(sources, undefined)).toEqual({
      main: 'http://mirror.test/debian',
      security: 'http://mirror.test/debian-security',
    });
  });

  test('follow an override, security beside it', () => {
    const mirrors = planMirrors(parseDeb822Sources(deb822), 'http://b.test/debian/');
    expect(mirrors).toEqual({ main: 'http://b.test/debian', security: 'http://b.test/debian-security' });
  });

  test('are asked for on another distribution', () => {
    expect(() => planMirrors([{ uri: 'http://u.test/ubuntu', suites: ['noble'] }], undefined)).toThrow(
      'MSS_DEBIAN_MIRROR',
    );
  });
});
