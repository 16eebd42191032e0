// A server as the configuration names it: HOST:PORT or [IPv6]:PORT.

export const HOST_PORT = /^((\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]{1,253}):[0-9]{1,5})?$/;

/** @param text what fits {@link HOST_PORT} and is not empty */
export function parseHostPort(text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(text.slice(colon + 1)) };
}
