// Table, filter words, time, and whether new alerts come in.
import { count } from '../format.ts';
import { leftOut, liveState, paused, resume, waiting } from '../state/alerts.ts';
import { applyFilter, draft, draftError, filterWords, RANGES, range, table } from '../state/query.ts';
import { Tabs } from './tabs.tsx';

const EXAMPLES = ['host 10.1.2.3', 'net 192.0.2.0/24 and port 443', 'severity 1', 'sid 2024217', '"eternalblue"'];

export function FilterBar() {
  const error = draft.value === '' ? undefined : draftError.value;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    applyFilter();
  };
  return (
    <form class="filter-bar" onSubmit={submit}>
      <Tabs />
      <div class="filter">
        <input
          id="filter"
          type="search"
          placeholder={`Filter, like: ${EXAMPLES[1]}   ( / )`}
          aria-label="Filter words"
          aria-invalid={error !== undefined}
          aria-describedby="filter-error"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          list="filter-examples"
          value={draft.value}
          onInput={(event) => {
            draft.value = event.currentTarget.value;
            if (draft.value === '' && filterWords.value !== '') applyFilter();
          }}
        />
        <datalist id="filter-examples">
          {EXAMPLES.map((example) => (
            <option key={example} value={example} />
          ))}
        </datalist>
        {error !== undefined && (
          <p id="filter-error" class="refusal" role="alert">
            {error}
          </p>
        )}
      </div>
      <select
        aria-label="Time"
        value={range.value}
        onChange={(event) => {
          range.value = event.currentTarget.value;
        }}
      >
        {RANGES.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <button type="submit" disabled={error !== undefined}>
        Search
      </button>
      {table.value === 'alerts' && <LiveSwitch />}
    </form>
  );
}

function LiveSwitch() {
  const state = liveState.value;
  const missed = leftOut.value;
  if (paused.value) {
    return (
      <button type="button" class="live paused" onClick={resume} title="Show what came meanwhile, and what comes">
        <span class="dot" /> Paused · {count(waiting.value.length)} new
      </button>
    );
  }
  const label = state === 'live' ? 'Live' : state === 'connecting' ? 'Connecting' : 'Reconnecting';
  return (
    <button
      type="button"
      class={`live ${state}`}
      title="Hold the list still"
      onClick={() => {
        paused.value = true;
      }}
    >
      <span class="dot" /> {label}
      {missed > 0 && ` · ${count(missed)} left out`}
    </button>
  );
}
