// Answers -> what first start does with them. Pure. A wrong answer is a problem with a name; all others still count.
import { isHostName, type Management, parseManagement } from '../api/management.ts';
import { defaultConfig, setKey } from '../config/parse.ts';
import { ET_OPEN_URL } from '../config/rule-feeds.ts';
import type { SensorConfig } from '../config/sensor-config.ts';
import { messageOf } from '../errors.ts';
import type { AnswerName, RawAnswers } from './parse-answers.ts';

export interface AnswerPlan {
  password?: string;
  sshKey?: string;
  timeZone?: string;
  management?: Management;
  /** set when the machine shall become a standalone sensor without anybody at the console */
  standalone?: SensorConfig;
  /** which answer is wrong, and why */
  problems: string[];
}

/** One line of authorized_keys, see sshd(8); options in front are not taken. */
const SSH_KEY = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d+|sk-[a-z0-9@.-]+) [A-Za-z0-9+/]+={0,3}( [^\u0000-\u001f]*)?$/;

const TYPES: Readonly<Record<string, 'standalone' | 'controlled'>> = {
  '3': 'standalone',
  standalone: 'standalone',
  '1': 'controlled',
  standard: 'controlled',
  '2': 'controlled',
  'self-registering': 'controlled',
};

const splitList = (text: string): string[] => text.split(/[\s,]+/).filter((item) => item !== '');

/** @param machine the management interface as it was found, and the name the machine has now */
export function planAnswers(answers: RawAnswers, machine: { interface: string; hostName: string }): AnswerPlan {
  const plan: AnswerPlan = { problems: [] };
  const wrong = (name: AnswerName, why: string) => plan.problems.push(`mss.${name}: ${why}`);

  plan.password = answers['root-password'];
  if (answers['ssh-key'] !== undefined) {
    if (SSH_KEY.test(answers['ssh-key'])) plan.sshKey = answers['ssh-key'];
    else wrong('ssh-key', 'is no public key; give one line like "ssh-ed25519 AAAA... name"');
  }
  plan.timeZone = answers.timezone;
  plan.management = planManagement(answers, machine, plan.problems);
  plan.standalone = planStandalone(answers, wrong);
  return plan;
}

function planManagement(
  answers: RawAnswers,
  machine: { interface: string; hostName: string },
  problems: string[],
): Management | undefined {
  const { hostname, ip, gateway, dns } = answers;
  if (hostname === undefined && ip === undefined && gateway === undefined && dns === undefined) return undefined;
  const isStatic = ip !== undefined && ip.toLowerCase() !== 'dhcp';
  if (!isStatic && gateway !== undefined)
    problems.push('mss.gateway: needs mss.ip; with DHCP the gateway comes by DHCP');
  if (hostname !== undefined && !isHostName(hostname)) problems.push(`mss.hostname: "${hostname}" is no host name`);
  const common = {
    interface: machine.interface,
    hostName: hostname !== undefined && isHostName(hostname) ? hostname : machine.hostName,
    dns: splitList(dns ?? ''),
  };
  try {
    return parseManagement(
      isStatic ? { ...common, method: 'static', address: ip, gateway } : { ...common, method: 'dhcp' },
    );
  } catch (error) {
    // A half-right network would cut the machine off; it stays on DHCP, where it can be reached.
    problems.push(`mss.ip, mss.gateway, mss.dns: ${messageOf(error)}; the machine stays on DHCP`);
    return undefined;
  }
}

function planStandalone(answers: RawAnswers, wrong: (name: AnswerName, why: string) => void): SensorConfig | undefined {
  const type = answers['sensor-type'];
  if (type === undefined) return undefined;
  const meaning = TYPES[type.toLowerCase()];
  if (meaning !== 'standalone') {
    wrong(
      'sensor-type',
      meaning === 'controlled'
        ? `"${type}" needs a controller, which this release cannot enrol with yet; take "standalone"`
        : `"${type}" is no sensor type; take "standalone"`,
    );
    return undefined;
  }
  let config = defaultConfig();
  const set = (name: AnswerName, key: string, value: string | undefined) => {
    if (value === undefined) return;
    try {
      config = setKey(config, key, value);
    } catch (error) {
      wrong(name, messageOf(error));
    }
  };
  set('home-net', 'ids.homeNet', answers['home-net'] && splitList(answers['home-net']).join(','));
  const listen = answers['promiscuous-interface'];
  set('promiscuous-interface', 'capture.interfaces', listen && splitList(listen).join(','));
  set('proxy', 'release.proxy', answers.proxy);
  const fetch = answers['fetch-et-open']?.toLowerCase();
  if (fetch !== undefined && ['yes', 'true', '1'].includes(fetch)) set('fetch-et-open', 'ids.ruleUrls', ET_OPEN_URL);
  else if (fetch !== undefined && !['no', 'false', '0'].includes(fetch)) wrong('fetch-et-open', 'is "yes" or "no"');
  set('hostname', 'sensor.name', answers.hostname);
  return config;
}
