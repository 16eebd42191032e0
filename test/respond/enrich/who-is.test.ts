// Asking outside: whom, how often, and what of their answers is understood.
import { expect, test } from 'vitest';
import { MssError } from '../../../src/errors.ts';
import type { Outside, Provider } from '../../../src/respond/enrich/provider.ts';
import { parseRdap } from '../../../src/respond/enrich/rdap.ts';
import { WhoIs } from '../../../src/respond/enrich/who-is.ts';
import { parseReferral, parseWhois, whois } from '../../../src/respond/enrich/whois.ts';

const nobody: Outside = {
  reverse: async () => [],
  fetchText: async (url) => {
    throw new MssError('network', `cannot ask ${url}`);
  },
  askLine: async () => '',
};
const counting = (answer: () => Promise<Record<string, string>>) => {
  const asked: string[] = [];
  const provider: Provider = {
    name: 'sample',
    ask: (address) => {
      asked.push(address);
      return answer();
    },
  };
  return { asked, provider };
};

test('an answer is remembered for a day, a failure for a minute', async () => {
  let nowMs = 0;
  const good = counting(async () => ({ holder: 'Example' }));
  const who = new WhoIs(nobody, { providers: [good.provider], nowMs: () => nowMs });
  expect(await who.ask('9.9.9.9')).toEqual([{ provider: 'sample', facts: { holder: 'Example' } }]);
  nowMs = 86_399_999;
  await who.ask('9.9.9.9');
  expect(good.asked).toHaveLength(1);
  nowMs = 86_400_000;
  await who.ask('9.9.9.9');
  expect(good.asked).toHaveLength(2);

  const bad = counting(async () => {
    throw new MssError('network', 'no answer');
  });
  const unlucky = new WhoIs(nobody, { providers: [bad.provider], nowMs: () => nowMs });
  expect(await unlucky.ask('9.9.9.9')).toEqual([{ provider: 'sample', failure: 'no answer' }]);
  nowMs += 60_000;
  await unlucky.ask('9.9.9.9');
  expect(bad.asked).toHaveLength(2);
});

test('a thousand addresses are remembered, the oldest is asked again', async () => {
  const { asked, provider } = counting(async () => ({}));
  const who = new WhoIs(nobody, { providers: [provider] });
  for (let i = 0; i <= 1000; i++) await who.ask(`9.9.${i >> 8}.${i & 255}`);
  await who.ask('9.9.3.232');
  expect(asked).toHaveLength(1001);
  await who.ask('9.9.0.0');
  expect(asked).toHaveLength(1002);
});

test('one address is asked at a time, the same one once; more than twenty waiting are refused', async () => {
  let release = () => {};
  const held = new Promise<void>((done) => {
    release = done;
  });
  const { asked, provider } = counting(async () => {
    await held;
    return {};
  });
  const who = new WhoIs(nobody, { providers: [provider] });
  const first = Array.from({ length: 20 }, (_, i) => who.ask(`9.9.9.${i % 10}`));
  await expect(who.ask('9.9.9.200')).rejects.toThrow('20 questions about addresses wait already');
  expect(asked).toEqual(['9.9.9.0']);
  release();
  await Promise.all(first);
  expect(asked).toHaveLength(10);
  await who.ask('9.9.9.200');
  expect(asked).toHaveLength(11);
});

test('the three that are asked by default: what fails stands beside what does not', async () => {
  const outside = { ...nobody, reverse: async () => ['dns9.example.net', 'other.example.net'] };
  expect(await new WhoIs(outside).ask('9.9.9.9')).toEqual([
    { provider: 'reverse-dns', facts: { names: 'dns9.example.net, other.example.net' } },
    { provider: 'rdap', failure: 'cannot ask https://rdap.arin.net/registry/ip/9.9.9.9' },
    { provider: 'whois', facts: {} },
  ]);
});

test('RDAP: the network, its holder and whom to tell of abuse, wherever they stand', () => {
  const card = (...values: unknown[]) => ['vcard', [['version', {}, 'text', '4.0'], ...values]];
  const answer = {
    objectClassName: 'ip network',
    name: 'EXAMPLE-9',
    startAddress: '9.9.9.0',
    endAddress: '9.9.9.255',
    events: [{ eventAction: 'registration', eventDate: '2017-09-13T15:10:36-04:00' }],
    entities: [
      {
        roles: ['registrant'],
        vcardArray: card(['fn', {}, 'text', 'Example Ltd']),
        entities: [{ roles: ['abuse'], vcardArray: card(['email', {}, 'text', 'abuse@example.net']) }],
      },
    ],
  };
  expect(parseRdap(JSON.stringify(answer))).toEqual({
    network: 'EXAMPLE-9',
    range: '9.9.9.0 - 9.9.9.255',
    holder: 'Example Ltd',
    abuse: 'abuse@example.net',
    registered: '2017-09-13',
  });
  for (const text of ['', '[]', '{"objectClassName":"domain"}', '<html>']) {
    expect(() => parseRdap(text)).toThrow('something else than a network');
  }
});

test('whois: IANA names the registry, which is asked; nobody else can be referred to', async () => {
  const questions: string[] = [];
  const answers: Record<string, string> = {
    'whois.iana.org': '% IANA\r\nrefer:        whois.arin.net\r\n',
    'whois.arin.net': 'NetRange: 9.9.9.0 - 9.9.9.255\nReferralServer:  whois://whois.ripe.net\n',
    'whois.ripe.net': 'inetnum: 9.9.9.0 - 9.9.9.255\nnetname: EXAMPLE\ncountry: CH\ndescr: first\ndescr: second\n',
  };
  const outside = {
    ...nobody,
    askLine: async (host: string, port: number, line: string) => {
      questions.push(`${host}:${port} ${line}`);
      return answers[host];
    },
  };
  const facts = await whois.ask('9.9.9.9', outside, AbortSignal.timeout(1000));
  expect(questions).toEqual([
    'whois.iana.org:43 9.9.9.9',
    'whois.arin.net:43 n + 9.9.9.9',
    'whois.ripe.net:43 9.9.9.9',
  ]);
  expect(facts).toEqual({
    network: 'EXAMPLE',
    range: '9.9.9.0 - 9.9.9.255',
    country: 'CH',
    holder: 'first',
    registry: 'whois.ripe.net',
  });
  expect(parseReferral('refer: localhost')).toBeUndefined();
  expect(parseReferral('ReferralServer: rwhois://rwhois.example.net:4321')).toBeUndefined();
  answers['whois.ripe.net'] = 'refer: whois.arin.net';
  await expect(whois.ask('9.9.9.9', outside, AbortSignal.timeout(1000))).rejects.toThrow('without an end');
});

test('whois: lines that are no facts are passed over', () => {
  expect(parseWhois('% comment: x\n\nno colon\ncountry:\ncountry: US\nCountry: DE\n')).toEqual({ country: 'US' });
});
