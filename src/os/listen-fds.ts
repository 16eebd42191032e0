// Sockets that systemd opened for us and passed on. See sd_listen_fds(3).

const FIRST_FD = 3; // SD_LISTEN_FDS_START

/** File descriptors by the FileDescriptorName= of their socket unit; empty when none were passed to this process. */
export function listenFds(env: NodeJS.ProcessEnv = process.env, pid = process.pid): Map<string, number> {
  const count = Number(env.LISTEN_FDS ?? 0);
  if (Number(env.LISTEN_PID) !== pid || !Number.isSafeInteger(count)) return new Map();
  const names = (env.LISTEN_FDNAMES ?? '').split(':');
  return new Map(Array.from({ length: count }, (_, i) => [names[i] || `fd-${FIRST_FD + i}`, FIRST_FD + i]));
}
