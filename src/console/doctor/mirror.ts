// Does traffic between other machines arrive? Without it the sensor sees itself and broadcasts only.
import { formatCount } from '../format.ts';
import { type Check, failed, ok, warning } from './finding.ts';

/** Below this nothing can be said: a quiet network, or a sensor that just started. */
const ENOUGH_PACKETS = 100;

const REMEDY =
  'let the switch mirror to this port; on ESXi set "Promiscuous mode: Accept" (and VLAN 4095) on its port group';

export const checkMirror: Check = ({ details }) =>
  details.listening.flatMap(({ name, receivedPackets, foreignUnicastPackets }) => {
    if (foreignUnicastPackets === undefined) return [];
    if (receivedPackets === 0) return [failed('mirror', `nothing arrives on ${name}`, REMEDY)];
    const seen = `${formatCount(receivedPackets)} packets on ${name}`;
    if (foreignUnicastPackets > 0) return [ok('mirror', `${seen}, conversations of other machines among them`)];
    if (receivedPackets < ENOUGH_PACKETS)
      return [warning('mirror', `only ${seen} so far, none between others`, REMEDY)];
    return [
      failed('mirror', `${seen}, but none between other machines: no mirror port, or promiscuous mode is off`, REMEDY),
    ];
  });
