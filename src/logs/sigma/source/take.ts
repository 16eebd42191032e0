// Parts of a value, where rules name a part and logs hold the whole.

export const TAKES = ['first-word', 'url-host', 'url-path-query', 'url-query', 'url-extension'] as const;
export type Take = (typeof TAKES)[number];

/** @returns undefined where the value has no such part */
export function takePart(value: string, take: Take): string | undefined {
  switch (take) {
    case 'first-word': {
      const space = value.indexOf(' ');
      return space === -1 ? value : value.slice(0, space);
    }
    case 'url-host': {
      const { start, end } = authorityOf(value);
      const host = value.slice(
        value.lastIndexOf('@', end - 1) >= start ? value.lastIndexOf('@', end - 1) + 1 : start,
        end,
      );
      // the port is no part of the name; an IPv6 address stands in brackets
      return host.replace(/:\d*$/, '') || undefined;
    }
    case 'url-path-query':
      return value.slice(authorityOf(value).end) || '/';
    case 'url-query': {
      const mark = value.indexOf('?');
      return mark === -1 ? undefined : value.slice(mark + 1);
    }
    case 'url-extension': {
      const path = value.slice(authorityOf(value).end).split(/[?#]/, 1)[0];
      const name = path.slice(path.lastIndexOf('/') + 1);
      const dot = name.lastIndexOf('.');
      return dot === -1 ? undefined : name.slice(dot + 1);
    }
  }
}

/** Where `host:port` stands in a URL; a path alone has none, and CONNECT's argument is nothing else. */
function authorityOf(url: string): { start: number; end: number } {
  if (url.startsWith('/')) return { start: 0, end: 0 };
  const scheme = url.indexOf('://');
  const start = scheme === -1 ? 0 : scheme + 3;
  const slash = url.slice(start).search(/[/?#]/);
  return { start, end: slash === -1 ? url.length : start + slash };
}
