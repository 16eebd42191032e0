// The first of two passes when contents are asked for: finds the conversations in which an expression matches.
import { MssError } from '../../errors.ts';
import { StreamAssembler } from '../../pcap/stream/assemble-streams.ts';
import { type ContentMatch, ContentSearch, namesAddress } from '../../query/content-search.ts';
import { findPackets, type PacketQuery, type QueryReport } from '../../store/find-packets.ts';
import type { Progress } from './progress.ts';

export interface FoundContents {
  /** conversations, as StreamAssembler.flowOf names them */
  flows: ReadonlySet<string>;
  droppedFlows: number;
  /** of the last packet looked at: the second pass must not go on to packets that came meanwhile */
  lastUs: number;
  /** payload that was searched */
  bytes: number;
}

/**
 * @param found called for each match as it is found.
 * @throws MssError `query` for a bad expression, or a filter without an address.
 */
export async function searchContents(
  dir: string,
  query: PacketQuery,
  search: { pattern: string; ignoreCase: boolean },
  report: QueryReport,
  progress: Progress,
  found: (match: ContentMatch) => void,
): Promise<FoundContents> {
  const contents = new ContentSearch(search.pattern, search.ignoreCase);
  if (!namesAddress(query.filter)) {
    throw new MssError(
      'query',
      'contents are searched of certain addresses only: add --flow, or host or net to --filter',
    );
  }
  const assembler = new StreamAssembler();
  let lastUs = 0;
  let bytes = 0;
  const look = (pieces: ReturnType<StreamAssembler['add']>) => {
    for (const piece of pieces) {
      bytes += piece.bytes.length;
      const match = contents.add(piece);
      if (match !== undefined) found(match);
    }
  };
  for await (const packet of findPackets(dir, query, report)) {
    progress.note('searching', report);
    lastUs = Number(packet.timeNs / 1000n);
    look(assembler.add(packet));
  }
  look(assembler.end());
  return { flows: contents.flows, droppedFlows: contents.droppedFlows, lastUs, bytes };
}
