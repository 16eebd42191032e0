// Management settings -> files for systemd-networkd, nftables and /etc/hosts. Pure. See systemd.network(5).
import type { Management } from '../../api/management.ts';

const HEADER = '# Written by the sensor; change it with item 2 of "mss menu".\n';

/** The management interface's own file. */
export function renderManagement(settings: Management): string {
  const lines = [`[Match]`, `Name=${settings.interface}`, '', '[Network]', 'LLMNR=no', 'MulticastDNS=no'];
  if (settings.method === 'dhcp') {
    lines.push('DHCP=yes', 'IPv6AcceptRA=yes');
  } else {
    lines.push('DHCP=no', 'IPv6AcceptRA=no', `Address=${settings.address}`);
    if (settings.gateway !== undefined) lines.push(`Gateway=${settings.gateway}`);
  }
  lines.push(...settings.dns.map((server) => `DNS=${server}`));
  if (settings.method === 'dhcp') {
    lines.push('', '[DHCPv4]', 'ClientIdentifier=mac', 'UseDomains=yes');
    // Named servers are meant instead of the network's, not beside them.
    if (settings.dns.length > 0)
      lines.push('UseDNS=no', '', '[DHCPv6]', 'UseDNS=no', '', '[IPv6AcceptRA]', 'UseDNS=no');
  }
  return `${HEADER}${lines.join('\n')}\n`;
}

/** Every other card, and the bond that capture makes of some, only listens: up, without any address, answering nothing. */
export const renderListening = (managementInterface: string): string =>
  `${HEADER}[Match]
Type=ether bond
Name=!${managementInterface}

[Link]
ActivationPolicy=always-up
RequiredForOnline=no
ARP=no
Multicast=no

[Network]
KeepMaster=yes
DHCP=no
LinkLocalAddressing=no
IPv6AcceptRA=no
LLDP=no
ConfigureWithoutCarrier=yes
`;

/** Names that never are the management interface, for the firewall's set: all the usual ones but that one. */
export function renderListeningSet(managementInterface: string): string {
  const names = [...Array.from({ length: 10 }, (_, i) => `eth${i}`), 'bond0'].filter(
    (name) => name !== managementInterface,
  );
  const elements = names.map((name) => `"${name}"`).join(', ');
  return `${HEADER}redefine listening = { ${elements} }\n`;
}

/** /etc/hosts with this machine's own name on 127.0.1.1; all other lines stay. See hosts(5). */
export function renderHosts(text: string, hostName: string): string {
  const short = hostName.split('.')[0];
  const own = `127.0.1.1 ${short === hostName ? hostName : `${hostName} ${short}`}`;
  const others = text.split('\n').filter((line) => line !== '' && !/^127\.0\.1\.1\s/.test(line));
  return `${[...others, own].join('\n')}\n`;
}
