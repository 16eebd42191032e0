// Is root's password still the one that everybody knows?
import { type Check, ok, warning } from './finding.ts';

export const checkRootPassword: Check = ({ shippedPassword }) => {
  if (shippedPassword === undefined) return [];
  return shippedPassword
    ? [
        warning(
          'password',
          "root still has the shipped password; ssh refuses it, this machine's own console does not",
          'take item 5 of "mss menu"',
        ),
      ]
    : [ok('password', "root's password was changed")];
};
