// Started by link-watch.test.ts inside a network namespace: runs the commands that come as lines of JSON on standard
// input, and prints the links as they stand after each change, each time as one line.
import { createInterface } from 'node:readline';
import type { LinkChange } from '../../../src/os/netlink/link-message.ts';
import { LinkWatch } from '../../../src/os/netlink/link-watch.ts';
import { withRouteSocket } from '../../../src/os/netlink/route-socket.ts';

const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);
const watch = await LinkWatch.open(() => say({ links: watch.links }));
say({ links: watch.links });
for await (const line of createInterface({ input: process.stdin })) {
  const { name, change, remove } = JSON.parse(line) as { name: string; change?: LinkChange; remove?: true };
  const index = watch.find(name)?.index ?? 0;
  await withRouteSocket((route) =>
    remove ? route.removeLink(`remove ${name}`, index) : route.changeLink(`change ${name}`, { index, ...change }),
  ).catch((error) => say({ error: error.message }));
  say({ listed: await withRouteSocket((route) => route.listLinks()) });
}
await watch.close();
