// mss-syslog-x: receives syslog. With the argument "ports": says before the sockets open which of them stay closed.
import { compileDecoders } from '../../src/logs/normalize.ts';
import { loadConfig } from '../../src/os/config-file.ts';
import { decodersDir, loadDecoders } from '../../src/os/decoder-files.ts';
import { listenFds } from '../../src/os/listen-fds.ts';
import { loadLogRuleset, sigmaDir } from '../../src/os/log-rule-files.ts';
import { runService } from '../../src/os/run-service.ts';
import { paths } from '../../src/paths.ts';
import { planClassify } from '../../src/respond/classification.ts';
import { applyPortFlags } from '../../src/syslog-x/port-flags.ts';
import { runSyslogX } from '../../src/syslog-x/service.ts';

const loadLogs = () => loadConfig().config.logs;

if (process.argv[2] === 'ports') {
  applyPortFlags(`${paths.runDir}/syslog-x`, loadLogs());
} else {
  runService('syslog-x', (service) =>
    runSyslogX(service, {
      spoolDir: paths.spoolDir('syslog-x'),
      loadLogs,
      loadClassify: () => {
        const { classify, sensor } = loadConfig().config;
        return planClassify(classify.classes, sensor.domain);
      },
      loadNormalize: () => compileDecoders(loadDecoders(decodersDir(import.meta.url))),
      rules: {
        load: (logs) => loadLogRuleset({ release: sigmaDir(import.meta.url), own: paths.localLogRulesDir }, logs),
        memoryFile: `${paths.stateDir('syslog-x')}/log-rules.json`,
      },
      forwardBookmarkFile: `${paths.stateDir('syslog-x')}/forward.json`,
      sniffed: { spoolDir: paths.sniffedLogsDir, bookmarkFile: `${paths.stateDir('syslog-x')}/sniffed-logs.json` },
      inherited: listenFds(),
    }),
  );
}
