// Are both directions of conversations seen? A mirror of one direction blinds every rule on answers.
import { type Check, failed, ok } from './finding.ts';

/** Fewer packets than this need not hold an answer. */
const ENOUGH_PACKETS = 1000;

export const checkDirection: Check = ({ details }) =>
  details.listening.flatMap(({ name, receivedPackets, foreignUnicastPackets, bothDirections }) => {
    // without any conversation of others that is what the mirror check says
    if (bothDirections === undefined || receivedPackets < ENOUGH_PACKETS || !foreignUnicastPackets) return [];
    return bothDirections
      ? [ok('direction', `${name} sees both directions`)]
      : [
          failed(
            'direction',
            `${name} sees one direction only`,
            'mirror "both" (rx and tx) on the switch; with two taps, bond their interfaces (bond0)',
          ),
        ];
  });
