// The files of an alert's flow, where it carried any; those that were kept can be downloaded.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { bytes } from '../format.ts';
import { askFiles, type CarriedFile } from '../state/files.ts';
import { session } from '../state/session.ts';

export function FlowFiles({ communityId }: { communityId: string }) {
  const files = useSignal<readonly CarriedFile[]>([]);
  useEffect(() => {
    let isShown = true;
    files.value = [];
    askFiles(communityId).then(
      (found) => {
        if (isShown) files.value = found;
      },
      () => {}, // the lists say that the sensor does not answer
    );
    return () => {
      isShown = false;
    };
  }, [communityId, files]);
  if (files.value.length === 0) return null;
  return (
    <section class="files">
      <h3>Files</h3>
      {files.value.map((file, i) => (
        <CarriedFileLines key={`${i} ${file.name}`} file={file} />
      ))}
    </section>
  );
}

function CarriedFileLines({ file: { name, kind, bytes: size, sha256, stored } }: { file: CarriedFile }) {
  const mayDownload = session.value.kind === 'in' && session.value.who.packets;
  return (
    <div>
      <p class="name">{name}</p>
      <p class="hint">
        {[kind, size === undefined ? undefined : bytes(size)].filter((part) => part !== undefined).join(', ')}
      </p>
      {sha256 !== undefined && <code>{sha256}</code>}
      {stored && mayDownload && (
        <p>
          <a
            href={`/api/files/${sha256}`}
            download
            title="It may be harmful: it comes as bytes that nothing opens by itself"
          >
            Download this file
          </a>
        </p>
      )}
    </div>
  );
}
