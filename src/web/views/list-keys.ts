// Keys of the page: / to the filter, arrows or j and k through the alerts, Escape closes the detail.
import { rows, selectedId } from '../state/alerts.ts';

const STEP: Readonly<Record<string, number>> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

export function listKeys(): () => void {
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target as HTMLElement;
  const typing = target.matches('input, select, textarea');
  if (event.key === 'Escape') {
    if (typing) target.blur();
    else selectedId.value = undefined;
    return;
  }
  if (typing) return;
  if (event.key === '/') {
    event.preventDefault();
    document.querySelector<HTMLInputElement>('#filter')?.focus();
    return;
  }
  const step = STEP[event.key];
  if (step === undefined || target.closest('.detail, .incidents') !== null) return;
  event.preventDefault();
  select(step);
}

function select(step: number): void {
  const list = rows.value;
  if (list.length === 0) return;
  const at = list.findIndex(({ id }) => id === selectedId.value);
  const next = at === -1 ? 0 : Math.min(list.length - 1, Math.max(0, at + step));
  selectedId.value = list[next].id;
  requestAnimationFrame(() => {
    const row = document.querySelector<HTMLElement>('tr[aria-selected=true]');
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: 'nearest' });
  });
}
