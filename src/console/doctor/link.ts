// Do the interfaces that should listen exist, and have they a link?
import { listeningInterfaces } from '../sensor-snapshot.ts';
import { type Check, failed, ok } from './finding.ts';

export const checkLink: Check = ({ snapshot }) => {
  const listening = listeningInterfaces(snapshot);
  const { interfaces, bond } = snapshot.config.capture;
  const members = snapshot.interfaces.filter(({ name }) => bond.includes(name));
  const missing = [...interfaces, ...bond].filter((name) => !snapshot.interfaces.some((one) => one.name === name));
  const findings = missing.map((name) =>
    failed(
      'link',
      `interface ${name} is configured and not there`,
      `take another in item 2 of "mss menu", or "mss config set capture.${bond.includes(name) ? 'bond' : 'interfaces'} ${snapshot.interfaces.map((one) => one.name).join(',')}"`,
    ),
  );
  if (listening.length === 0 && missing.length === 0) {
    return [
      failed(
        'link',
        'no interface listens: every one has an address',
        'give the machine a second network card for the mirrored traffic, without an address',
      ),
    ];
  }
  for (const { name, up, carrier } of [...listening, ...members]) {
    if (up && carrier) findings.push(ok('link', `${name} has a link`));
    else {
      findings.push(
        failed(
          'link',
          `${name} has no link${up ? '' : ' (it is switched off)'}`,
          'plug its cable in; on a virtual machine: tick "Connected" and "Connect at power on" of that adapter',
        ),
      );
    }
  }
  return findings;
};
