// Is HOME_NET the network that is watched?
import { type Check, ok, warning } from './finding.ts';

/** Transit traffic is fine; next to none of ours is a wrong HOME_NET. */
const LEAST_SHARE = 0.01;

export const checkHomeNet: Check = ({ snapshot, details }) => {
  if (details.homeNetShare === undefined) return [];
  const homeNet = snapshot.config.ids.homeNet.join(',');
  const percent = Math.round(details.homeNetShare * 100);
  if (details.homeNetShare >= LEAST_SHARE)
    return [ok('home-net', `${percent} % of the flows touch HOME_NET (${homeNet})`)];
  return [
    warning(
      'home-net',
      `HOME_NET (${homeNet}) matches next to nothing of what is seen, so incidents have no host to be about`,
      '"mss hosts" lists the addresses seen; then "mss config set ids.homeNet CIDR,..."',
    ),
  ];
};
