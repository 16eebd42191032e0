// Classic BPF, the kernel's language for socket filters (Linux: Documentation/networking/filter.rst): instructions, and
// an assembler that turns labels into the numbers of instructions to skip.

/** struct sock_filter */
export interface Instruction {
  code: number;
  /** instructions to skip when a comparison holds, and when not */
  jt: number;
  jf: number;
  k: number;
}

export const LOAD_WORD = 0x20;
export const LOAD_HALF = 0x28;
/** at `k` behind the index register */
export const LOAD_HALF_INDEXED = 0x48;
export const LOAD_BYTE_INDEXED = 0x50;
export const SET_INDEX = 0x01;
export const COPY_TO_INDEX = 0x07;
export const ADD_INDEX = 0x0c;
export const AND = 0x54;
export const SHIFT_LEFT = 0x64;
export const JUMP = 0x05;
export const JUMP_EQUAL = 0x15;
/** where any of these bits is set */
export const JUMP_BITS = 0x45;
/** so many bytes of the packet are let through, 0: none */
export const RETURN = 0x06;

/** An instruction that may go on at a label further down; without one it goes on behind itself. */
export interface Step {
  code: number;
  k: number;
  yes?: string;
  no?: string;
}

/** Steps and the labels (texts) between them. */
export function assemble(lines: readonly (Step | string)[]): Instruction[] {
  const places = new Map<string, number>();
  const steps: Step[] = [];
  for (const line of lines) {
    if (typeof line === 'string') places.set(line, steps.length);
    else steps.push(line);
  }
  return steps.map(({ code, k, yes, no }, at) => {
    const skip = (label: string | undefined) => (label === undefined ? 0 : places.get(label)! - at - 1);
    return { code, jt: skip(yes), jf: skip(no), k };
  });
}
