// Fetches an event's packets and hands them to the browser as a file: progress, cancel, and why there are none.
import { signal } from '@preact/signals';
import { ask, messageOf } from '../api-client.ts';

export type DownloadState =
  | { kind: 'idle' }
  | { kind: 'running'; id: string; bytes: number; cancel(): void }
  | { kind: 'done'; id: string; bytes: number }
  | { kind: 'failed'; id: string; why: string };

export const download = signal<DownloadState>({ kind: 'idle' });

export async function downloadPackets(alertId: string): Promise<void> {
  if (download.value.kind === 'running') download.value.cancel();
  const control = new AbortController();
  const cancel = () => control.abort();
  let bytes = 0;
  const running = () => {
    download.value = { kind: 'running', id: alertId, bytes, cancel };
  };
  running();
  try {
    const answer = await ask(`/api/packets?alert=${encodeURIComponent(alertId)}`, { signal: control.signal });
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    for (const reader = answer.body!.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      bytes += value.length;
      running();
    }
    save(new Blob(chunks, { type: 'application/octet-stream' }), fileName(answer));
    download.value = { kind: 'done', id: alertId, bytes };
  } catch (error) {
    download.value = control.signal.aborted ? { kind: 'idle' } : { kind: 'failed', id: alertId, why: messageOf(error) };
  }
}

const fileName = (answer: Response): string =>
  /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '')?.[1] ?? 'packets.pcapng';

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser copies it first
}
