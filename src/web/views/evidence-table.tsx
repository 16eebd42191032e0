// Steps of an incident or a campaign as rows: when, which phase, what, between whom.
import type { Evidence } from '../../api/incident.ts';
import { endOf, longTime, shortTime } from '../format.ts';

/** @param pieces with their host, where they are of several */
export function EvidenceTable({ pieces }: { pieces: readonly (Evidence & { host?: string })[] }) {
  const nowMs = Date.now();
  return (
    <table>
      <tbody>
        {pieces.map((piece) => (
          <tr key={`${piece.timeUs} ${piece.host} ${piece.phase} ${piece.summary}`}>
            <td class="time" title={longTime(piece.timeUs)}>
              {shortTime(piece.timeUs, nowMs)}
            </td>
            {piece.host !== undefined && (
              <td>
                <code>{piece.host}</code>
              </td>
            )}
            <td class="phase">{piece.phase}</td>
            <td>{piece.summary}</td>
            <td class="end">
              {piece.src_ip !== undefined &&
                `${endOf(piece.src_ip, piece.src_port)} → ${endOf(piece.dest_ip, piece.dest_port)}`}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** How loud a rank is shown. */
export const rankWord = (rank: number): string => (rank >= 60 ? 'high' : rank >= 20 ? 'medium' : 'low');
