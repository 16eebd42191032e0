// EtherTypes, the numbers that say what an Ethernet frame carries (IEEE 802; IANA's registry).
export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_ARP = 0x0806;
export const ETHERTYPE_IPV6 = 0x86dd;
/** IEEE 802.1BR, port extenders */
export const ETHERTYPE_ETAG = 0x893f;

/** 802.1Q, 802.1ad, and the old QinQ. */
export const VLAN_TYPES = [0x8100, 0x88a8, 0x9100] as const;
export const isVlanType = (type: number): boolean => type === 0x8100 || type === 0x88a8 || type === 0x9100;
