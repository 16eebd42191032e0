// Types of the node-netlink package, which ships none: what we use of it.
declare module 'node-netlink' {
  export interface NetlinkMessage {
    header: { nlmsg_type: bigint; nlmsg_flags: bigint; nlmsg_seq: bigint; nlmsg_pid: bigint };
    payload: Buffer;
  }
  export interface NetlinkSocket {
    /** resolves with the errno of the answer, 0 for none */
    tryTalk(
      request: { header: { nlmsg_type: bigint; nlmsg_flags: bigint }; payload: Buffer },
      options?: { timeout?: number },
    ): Promise<{ errorCode: number; packets: NetlinkMessage[] }>;
    on(event: 'message', listener: (message: NetlinkMessage) => void): void;
    on(event: 'newListener', listener: (this: NodeJS.EventEmitter, event: string) => void): void;
    close(): Promise<void>;
  }
  const netlink: { open(options: { family: number; groups?: number }): Promise<NetlinkSocket> };
  export default netlink;
}
