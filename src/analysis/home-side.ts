// Which side of a conversation is ours: HOME_NET with its exceptions, remembering what was asked lately.
import { HomeNet } from '../net/home-net.ts';

const REMEMBERED = 50_000;

/**
 * @param blocks as in the configuration: `CIDR`, or `!CIDR` for an exception
 * @returns a test that is false for anything that is no address
 * @throws MssError 'network' for a block that is none
 */
export function createHomeTest(blocks: readonly string[]): (address: string) => boolean {
  const included = new HomeNet(blocks.filter((block) => !block.startsWith('!')));
  const excluded = new HomeNet(blocks.filter((block) => block.startsWith('!')).map((block) => block.slice(1)));
  const known = new Map<string, boolean>();
  return (address) => {
    let home = known.get(address);
    if (home !== undefined) return home;
    try {
      home = included.contains(address) && !excluded.contains(address);
    } catch {
      home = false;
    }
    if (known.size >= REMEMBERED) known.clear();
    known.set(address, home);
    return home;
  };
}
