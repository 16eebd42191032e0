// Is every service of a configured sensor at work?
import { serviceMessage, serviceWord } from '../service-state.ts';
import { type Check, failed, ok, warning } from './finding.ts';

export const checkServices: Check = ({ snapshot, configured }) => {
  if (!configured) {
    return [warning('configured', 'the sensor is not configured', 'take item 1 of "mss menu"')];
  }
  const bad = snapshot.services.flatMap((facts) => {
    const word = serviceWord(facts, snapshot.timeMs);
    if (word === 'running' || word === 'starting') return [];
    const text = `${facts.name} is ${word}: ${serviceMessage(facts, snapshot.timeMs)}`.replace(/: $/, '');
    const remedy = `"journalctl -u mss-${facts.name}" says why; "mss restart" starts all anew`;
    return [(word === 'degraded' ? warning : failed)('service', text, remedy)];
  });
  return bad.length > 0 ? bad : [ok('service', 'all services run')];
};
