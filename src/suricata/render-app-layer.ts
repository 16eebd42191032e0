// The part of suricata.yaml that says which protocols are parsed, and how deep.
import type { EnginePlan } from './plan-engine.ts';

export const renderProtocols = ({ mode }: EnginePlan): string => `app-layer:
  protocols:
    bittorrent-dht:
      enabled: yes
    dcerpc:
      enabled: yes
    dhcp:
      enabled: yes
    dns:
      tcp:
        enabled: yes
        detection-ports:
          dp: 53
      udp:
        enabled: yes
        detection-ports:
          dp: 53
    dnp3:
      enabled: no
    doh2:
      enabled: yes
    enip:
      enabled: no
    ftp:
      enabled: yes
    http:
      enabled: yes
      libhtp:
        default-config:
          personality: IDS
          request-body-limit: 100kb
          response-body-limit: 100kb
          request-body-minimal-inspect-size: 32kb
          request-body-inspect-window: 4kb
          response-body-minimal-inspect-size: 40kb
          response-body-inspect-window: 16kb
          response-body-decompress-layer-limit: 2
          http-body-inline: auto
          randomize-inspection-sizes: ${mode === 'live' ? 'yes' : 'no'}
          swf-decompression:
            enabled: no
          double-decode-path: no
          double-decode-query: no
    http2:
      enabled: yes
    ike:
      enabled: yes
    imap:
      enabled: detection-only
    krb5:
      enabled: yes
    ldap:
      tcp:
        enabled: yes
        detection-ports:
          dp: 389, 3268
      udp:
        enabled: yes
        detection-ports:
          dp: 389, 3268
    mdns:
      enabled: yes
    modbus:
      enabled: no
    mqtt:
      enabled: yes
    nfs:
      enabled: yes
    ntp:
      enabled: yes
    pgsql:
      enabled: no
    pop3:
      enabled: yes
      detection-ports:
        dp: 110
      stream-depth: 0
    quic:
      enabled: yes
    rdp:
      enabled: yes
    rfb:
      enabled: yes
      detection-ports:
        dp: 5900, 5901, 5902, 5903, 5904, 5905, 5906, 5907, 5908, 5909
    sip:
      enabled: yes
    smb:
      enabled: yes
      detection-ports:
        dp: 139, 445
    smtp:
      enabled: yes
      raw-extraction: no
      mime:
        decode-mime: yes
        decode-base64: yes
        decode-quoted-printable: yes
        header-value-depth: 2000
        extract-urls: yes
        body-md5: no
      inspected-tracker:
        content-limit: 100000
        content-inspect-min-size: 32768
        content-inspect-window: 4096
    snmp:
      enabled: yes
    ssh:
      enabled: yes
      hassh: yes
    telnet:
      enabled: yes
    tftp:
      enabled: yes
    tls:
      enabled: yes
      detection-ports:
        dp: 443
      ja3-fingerprints: yes
      ja4-fingerprints: yes
    websocket:
      enabled: yes
`;
