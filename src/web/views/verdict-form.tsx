// A person's word on an incident: closed as a true one or as a false alarm, or open again, with a note.
import { useSignal } from '@preact/signals';
import type { Incident } from '../../api/incident.ts';
import { longTime } from '../format.ts';
import { judgeIncident } from '../state/incidents.ts';

export function VerdictForm({ incident }: { incident: Incident }) {
  const note = useSignal('');
  const why = useSignal<string | undefined>(undefined);
  const { id, state, verdict } = incident;
  const say = (next: 'open' | 'closed', truth?: 'true' | 'false') => async () => {
    why.value = await judgeIncident(id, { state: next, truth, note: note.value === '' ? undefined : note.value });
    if (why.value === undefined) note.value = '';
  };
  return (
    <div class="verdict">
      {verdict !== undefined && (
        <p class="hint">
          {verdict.by}, {longTime(verdict.timeUs)}: {verdict.state}
          {verdict.truth === 'false' && ', a false alarm'}
          {verdict.truth === 'true' && ', a true one'}
          {verdict.note !== undefined && `: ${verdict.note}`}
        </p>
      )}
      <input
        aria-label="Note"
        placeholder="Note"
        maxLength={500}
        value={note.value}
        onInput={(event) => {
          note.value = event.currentTarget.value;
        }}
      />
      {state === 'open' ? (
        <>
          <button type="button" onClick={say('closed', 'true')}>
            Close: dealt with
          </button>
          <button type="button" onClick={say('closed', 'false')}>
            Close: false alarm
          </button>
        </>
      ) : (
        <button type="button" onClick={say('open')}>
          Open again
        </button>
      )}
      {why.value !== undefined && (
        <span class="refusal" role="alert">
          {why.value}
        </span>
      )}
    </div>
  );
}
