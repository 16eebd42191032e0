// Answers given beforehand: read from OVF and seed files, then turned into what first start does.
import { expect, test } from 'vitest';
import { ET_OPEN_URL } from '../../src/config/rule-feeds.ts';
import { parseOvfEnvironment, parseSeed, type RawAnswers } from '../../src/firstboot/parse-answers.ts';
import { planAnswers } from '../../src/firstboot/plan-answers.ts';

const MACHINE = { interface: 'eth0', hostName: 'sensor' };
const plan = (answers: RawAnswers) => planAnswers(answers, MACHINE);

/** As vCenter writes it: prefixed elements, several sections, properties of other products beside ours. */
const VCENTER = `<?xml version="1.0" encoding="UTF-8"?>
<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
     xmlns:oe="http://schemas.dmtf.org/ovf/environment/1" xmlns:ve="http://www.vmware.com/schema/ovfenv" oe:id="" ve:vCenterId="vm-42">
   <PlatformSection><Kind>VMware ESXi</Kind></PlatformSection>
   <PropertySection>
         <Property oe:key="mss.home-net" oe:value="192.0.2.0/24,198.51.100.0/24"/>
         <Property oe:key="mss.root-password" oe:value="a&lt;b&amp;&quot;c&#33;"/>
         <Property oe:key="mss.sensor-type" oe:value="standalone"/>
         <Property oe:key="mss.dns" oe:value=""/>
         <Property oe:key="mss.colour" oe:value="blue"/>
         <Property oe:key="vami.other" oe:value="x"/>
   </PropertySection>
   <ve:EthernetAdapterSection><ve:Adapter ve:mac="00:50:56:00:00:01" ve:network="VM Network"/></ve:EthernetAdapterSection>
</Environment>`;

test('an OVF environment: entities decoded, empty is unanswered, others’ properties passed over', () => {
  expect(parseOvfEnvironment(VCENTER)).toEqual({
    answers: {
      'home-net': '192.0.2.0/24,198.51.100.0/24',
      'root-password': 'a<b&"c!',
      'sensor-type': 'standalone',
    },
    unknown: ['colour'],
  });
});

test('numbers stay the texts they are', () => {
  const xml = VCENTER.replace('a&lt;b&amp;&quot;c&#33;', '0123456789');
  expect(parseOvfEnvironment(xml).answers['root-password']).toBe('0123456789');
});

test.each([
  ['no XML', 'sensor-type=standalone'],
  ['another document', '<Envelope/>'],
  ['a document cut off', VCENTER.slice(0, 700)],
])('%s is refused', (_what, text) => {
  expect(() => parseOvfEnvironment(text)).toThrow(/OVF environment cannot be read/);
});

test('an environment without any property is no answer', () => {
  expect(parseOvfEnvironment('<Environment><PropertySection/></Environment>').answers).toEqual({});
});

test('a seed file says the same in camelCase; lists and booleans are taken', () => {
  const seed = { sensorType: 'standalone', homeNet: ['192.0.2.0/24', 'fd00::/8'], fetchEtOpen: true, shoeSize: 44 };
  expect(parseSeed(JSON.stringify(seed))).toEqual({
    answers: { 'sensor-type': 'standalone', 'home-net': '192.0.2.0/24,fd00::/8', 'fetch-et-open': 'true' },
    unknown: ['shoe-size'],
  });
  expect(() => parseSeed('[]')).toThrow(/one object/);
  expect(() => parseSeed('{')).toThrow(/seed.json/);
  expect(() => parseSeed('{"hostname":{}}')).toThrow(/hostname must be a text/);
});

test('all answers together', () => {
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ada@example';
  expect(
    plan({
      'sensor-type': 'standalone',
      'home-net': '192.0.2.0/24, fd00::/8',
      'promiscuous-interface': 'eth1 eth2',
      'root-password': 'correct horse',
      'ssh-key': key,
      hostname: 'probe.example',
      timezone: 'Europe/Berlin',
      proxy: 'http://192.0.2.3:3128',
      'fetch-et-open': 'yes',
      ip: '192.0.2.7/24',
      gateway: '192.0.2.1',
      dns: '192.0.2.53,192.0.2.54',
    }),
  ).toMatchObject({
    password: 'correct horse',
    sshKey: key,
    timeZone: 'Europe/Berlin',
    management: {
      method: 'static',
      interface: 'eth0',
      hostName: 'probe.example',
      address: '192.0.2.7/24',
      gateway: '192.0.2.1',
      dns: ['192.0.2.53', '192.0.2.54'],
    },
    standalone: {
      sensor: { name: 'probe.example' },
      ids: { homeNet: ['192.0.2.0/24', 'fd00::/8'], ruleUrls: [ET_OPEN_URL] },
      capture: { interfaces: ['eth1', 'eth2'] },
      release: { proxy: 'http://192.0.2.3:3128' },
    },
    problems: [],
  });
});

test('no answers, nothing to do: the console asks', () => {
  expect(plan({})).toEqual({ problems: [] });
});

test('only what was answered is changed: a host name leaves DHCP as it is', () => {
  const { management } = plan({ hostname: 'probe' });
  expect(management).toEqual({ method: 'dhcp', interface: 'eth0', hostName: 'probe', dns: [] });
});

test.each<[RawAnswers, RegExp]>([
  [{ 'sensor-type': 'standard' }, /mss.sensor-type: "standard" needs a controller/],
  [{ 'sensor-type': 'router' }, /mss.sensor-type: "router" is no sensor type/],
  [{ 'sensor-type': '3', 'home-net': 'ours' }, /mss.home-net: .*ids.homeNet/],
  [{ 'sensor-type': '3', proxy: 'proxy.example' }, /mss.proxy: /],
  [{ 'sensor-type': '3', 'fetch-et-open': 'perhaps' }, /mss.fetch-et-open: is "yes" or "no"/],
  [{ 'ssh-key': 'command="id" ssh-ed25519 AAAA' }, /mss.ssh-key: is no public key/],
  [{ ip: '192.0.2.7' }, /mss.ip.*with its prefix.*stays on DHCP/],
  [{ ip: '192.0.2.7/24', gateway: '203.0.113.1' }, /gateway must lie in the network.*stays on DHCP/],
  [{ gateway: '192.0.2.1' }, /mss.gateway: needs mss.ip/],
  [{ hostname: 'pro be' }, /mss.hostname: "pro be" is no host name/],
])('%j is one problem with a name', (answers, problem) => {
  expect(plan(answers).problems).toEqual([expect.stringMatching(problem)]);
});

test('a wrong answer does not take the right ones with it', () => {
  const { standalone, password, problems } = plan({
    'sensor-type': '3',
    'home-net': '300.1.2.3/8!',
    'fetch-et-open': 'yes',
    'root-password': 'correct horse',
  });
  expect(problems).toHaveLength(1);
  expect(password).toBe('correct horse');
  expect(standalone?.ids.ruleUrls).toEqual([ET_OPEN_URL]);
  expect(standalone?.ids.homeNet).toContain('10.0.0.0/8');
});
