// Who is at the other end of a request, before anybody logged in.

/** Whoever may open the socket (root, group mss) is trusted; others are known by address only. */
export type Peer = { kind: 'socket' } | { kind: 'network'; address: string };
