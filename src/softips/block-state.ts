// What softips keeps over a restart: the blocks that rules and incidents brought, and where it stands in ids' requests.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { parseCidr } from '../net/cidr.ts';
import { writeFileAtomic } from '../os/atomic-file.ts';
import type { Paths } from '../paths.ts';
import { renderTarget } from '../respond/soft-ips/block-entry.ts';
import type { Block } from '../respond/soft-ips/block-list.ts';
import { type Bookmark, parseBookmark } from '../spool/bookmark.ts';

export interface BlockState {
  bookmark: Bookmark;
  blocks: Block[];
  /** why nothing was found, where there should have been something */
  problem?: string;
}

const stateFile = (at: Paths): string => join(at.stateDir('softips'), 'state.json');

export function loadBlockState(at: Paths): BlockState {
  try {
    const { bookmark, blocks } = JSON.parse(readFileSync(stateFile(at), 'utf8'));
    return {
      bookmark: parseBookmark(JSON.stringify(bookmark)),
      blocks: blocks.map((block: Omit<Block, 'target'> & { target: string }) => ({
        ...block,
        target: parseCidr(block.target),
      })),
    };
  } catch (error) {
    const state = { bookmark: parseBookmark(undefined), blocks: [] };
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return state;
    return { ...state, problem: `${stateFile(at)} cannot be read, blocks begin anew: ${messageOf(error)}` };
  }
}

/** @throws MssError 'io' */
export function saveBlockState(at: Paths, { bookmark, blocks }: BlockState): void {
  const kept = blocks
    .filter(({ byPerson }) => !byPerson)
    .map((block) => ({ ...block, target: renderTarget(block.target) }));
  writeFileAtomic(stateFile(at), JSON.stringify({ bookmark, blocks: kept }));
}
