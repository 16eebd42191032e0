// syslog-x as main.ts wires it, on the ports of the command line: service.ts UDP-PORT TCP-PORT.
import { compileDecoders } from '../../../src/logs/normalize.ts';
import { loadConfig } from '../../../src/os/config-file.ts';
import { loadDecoders } from '../../../src/os/decoder-files.ts';
import { listenFds } from '../../../src/os/listen-fds.ts';
import { loadLogRuleset, sigmaDir } from '../../../src/os/log-rule-files.ts';
import { runService } from '../../../src/os/run-service.ts';
import { paths } from '../../../src/paths.ts';
import { runSyslogX } from '../../../src/syslog-x/service.ts';

const rulesDir = sigmaDir(new URL('../../../services/syslog-x/main.ts', import.meta.url).href);
const [udp, tcp] = process.argv.slice(2).map(Number);
runService('syslog-x', (service) =>
  runSyslogX(service, {
    spoolDir: paths.spoolDir('syslog-x'),
    loadLogs: () => loadConfig().config.logs,
    loadClassify: () => () => undefined,
    loadNormalize: () => compileDecoders(loadDecoders('services/syslog-x/decoders')),
    rules: {
      load: (logs) => loadLogRuleset({ release: rulesDir, own: paths.localLogRulesDir }, logs),
      memoryFile: `${paths.stateDir('syslog-x')}/log-rules.json`,
    },
    forwardBookmarkFile: `${paths.stateDir('syslog-x')}/forward.json`,
    sniffed: { spoolDir: paths.sniffedLogsDir, bookmarkFile: `${paths.stateDir('syslog-x')}/sniffed-logs.json` },
    inherited: listenFds(),
    ports: [
      { transport: 'udp', port: udp },
      { transport: 'tcp', port: tcp },
    ],
  }),
);
