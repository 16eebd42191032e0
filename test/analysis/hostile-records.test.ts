// Records of any shape that JSON can have: none ends the service, whatever the engine or a capture made of it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Analysis } from '../../src/analysis/analysis.ts';
import { parseEveLine } from '../../src/eve/parse.ts';

const KINDS = ['alert', 'flow', 'dns', 'http', 'tls', 'smb', 'dcerpc', 'krb5', 'ldap', 'rdp', 'fileinfo', 'ftp'];
const NAMES = [
  'queries',
  'rrname',
  'answers',
  'rcode',
  'type',
  'hostname',
  'url',
  'status',
  'sni',
  'subject',
  'issuerdn',
  'ja3',
  'command',
  'share',
  'filename',
  'dcerpc',
  'request',
  'opnum',
  'req',
  'interfaces',
  'uuid',
  'msg_type',
  'sname',
  'error_code',
  'responses',
  'bind_response',
  'magic',
  'signature',
  'category',
  'severity',
  'metadata',
  'confidence',
  'start',
  'pkts_toclient',
  'age',
  'completion_code',
  'encryption',
  'signature_severity',
  'attack_target',
  'mitre_tactic_id',
  'gid',
  'signature_id',
  'rev',
];
const WORDS = [
  'REQUEST',
  'response',
  'NXDOMAIN',
  'KRB_TGS_REP',
  '198.51.100.9',
  '2026-11-24T12:00:00.000000+0000',
  'ET SCAN x',
];
const { any } = fc.letrec<{ any: unknown; leaf: unknown }>((tie) => ({
  leaf: fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 5 }), fc.integer(), fc.boolean(), fc.constant(null)),
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('any'), { maxKeys: 6 }),
  ),
}));

test('no record ends the analysis', () => {
  const analysis = new Analysis(['10.0.0.0/8']);
  const part = fc.dictionary(fc.constantFrom(...NAMES), any, { maxKeys: 10 });
  const odd = fc.oneof(fc.constantFrom('10.0.0.5', '198.51.100.9'), any);
  fc.assert(
    fc.property(fc.constantFrom(...KINDS), part, odd, odd, any, (kind, own, src_ip, dest_ip, dest_port) => {
      const timestamp = '2026-11-24T12:00:00.000000+0000';
      const record = { timestamp, event_type: kind, src_ip, src_port: 88, dest_ip, dest_port, flow_id: 1, [kind]: own };
      const parsed = parseEveLine(JSON.stringify(record));
      if (parsed === undefined) return;
      expect(() => analysis.push(parsed)).not.toThrow();
      const rank = analysis.rankOf(parsed)?.rank ?? 0;
      expect(rank >= -100 && rank <= 100).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
