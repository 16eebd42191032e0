// Counters of the capture threads in shared memory: the ring thread counts, the main thread shows.

const NAMES = [
  /** turns of the ring thread's loop: it is alive while this grows */
  'turns',
  'storedPackets',
  'storedBytes',
  /** left out by capture.filter or capture.cutoff */
  'filteredPackets',
  /** of these by capture.cutoff */
  'beyondCutoffPackets',
  /** taken from the ring but not stored, because writing failed */
  'unwrittenPackets',
  'closedSegments',
  /** packets whose checksums were looked at, and how many of them were wrong */
  'checkedPackets',
  'wrongChecksums',
  /** flow records of closed segments */
  'flows',
  /** 1 while writing fails or no store is known */
  'storeFailing',
] as const;
const INTERFACE_NAMES = [
  'receivedPackets',
  'receivedBytes',
  'ringDroppedPackets',
  'foreignUnicastPackets',
  'bothDirections',
] as const;

export type CounterName = (typeof NAMES)[number];
export type InterfaceCounterName = (typeof INTERFACE_NAMES)[number];

export class CaptureCounters {
  readonly buffer: SharedArrayBuffer;
  readonly #values: Float64Array;

  /** Over new memory for so many interfaces, or over the memory that another thread made. */
  constructor(from: number | SharedArrayBuffer) {
    const slots = (interfaces: number) => NAMES.length + interfaces * INTERFACE_NAMES.length;
    this.buffer = typeof from === 'number' ? new SharedArrayBuffer(slots(from) * 8) : from;
    this.#values = new Float64Array(this.buffer);
  }

  get(name: CounterName): number {
    return this.#values[NAMES.indexOf(name)];
  }

  set(name: CounterName, value: number): void {
    this.#values[NAMES.indexOf(name)] = value;
  }

  add(name: CounterName, amount: number): void {
    this.#values[NAMES.indexOf(name)] += amount;
  }

  getOf(interfaceId: number, name: InterfaceCounterName): number {
    return this.#values[slotOf(interfaceId, name)];
  }

  setOf(interfaceId: number, name: InterfaceCounterName, value: number): void {
    this.#values[slotOf(interfaceId, name)] = value;
  }

  addOf(interfaceId: number, name: InterfaceCounterName, amount: number): void {
    this.#values[slotOf(interfaceId, name)] += amount;
  }
}

function slotOf(interfaceId: number, name: InterfaceCounterName): number {
  return NAMES.length + interfaceId * INTERFACE_NAMES.length + INTERFACE_NAMES.indexOf(name);
}
