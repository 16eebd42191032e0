// The product's mark: a trace with one peak.
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M4 17h6l3-8 5 15 4-11 2 4h4" />
    </svg>
  );
}
