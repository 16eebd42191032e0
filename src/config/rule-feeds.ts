// Rule sources that a question of first start offers by name.

/** Emerging Threats Open, in its newest branch of rules; Suricata 8 reads those of 7. */
export const ET_OPEN_URL = 'https://rules.emergingthreats.net/open/suricata-7.0.3/emerging.rules.tar.gz';
