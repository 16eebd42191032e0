// Can the names be resolved that the configuration needs?
import { type Check, failed, ok } from './finding.ts';

export const checkDns: Check = ({ names }) =>
  names.map(({ name, problem }) =>
    problem === undefined
      ? ok('dns', `${name} is resolved`)
      : failed(
          'dns',
          `${name} cannot be resolved: ${problem}`,
          'check name servers and gateway in item 2 of "mss menu"; "resolvectl status" shows those in use',
        ),
  );
