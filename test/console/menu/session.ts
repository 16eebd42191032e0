// A conversation with the menu over a pseudo-terminal (script(1) makes it) or a pipe.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('./menu-child.ts', import.meta.url));

export interface Session {
  /** resolves once `text` has come since the last one that was waited for; what came up to it */
  see(text: string): Promise<string>;
  type(keys: string): void;
  /** no more input */
  end(): void;
  exited: Promise<number | null>;
  kill(): void;
}

export function startSession(root: string, over: 'pty' | 'pipe'): Session {
  const child: ChildProcess =
    over === 'pipe'
      ? spawn(process.execPath, [CHILD, root])
      : spawn('script', ['-qefc', `stty rows 30 cols 90; exec ${process.execPath} ${CHILD} ${root}`, '/dev/null'], {
          env: { ...process.env, TERM: 'linux' },
        });
  let seen = '';
  let wake = () => {};
  const onText = (chunk: Buffer) => {
    seen += chunk.toString();
    wake();
  };
  child.stdout?.on('data', onText);
  child.stderr?.on('data', onText);
  let isOver = false;
  const exited = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      isOver = true;
      wake();
      resolve(code);
    });
  });
  return {
    exited,
    async see(text) {
      for (;;) {
        const at = seen.indexOf(text);
        if (at >= 0) {
          const before = seen.slice(0, at + text.length);
          seen = seen.slice(at + text.length);
          return before;
        }
        if (isOver) throw new Error(`the menu ended without saying "${text}"; it said: ${seen}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    type: (keys) => child.stdin?.write(keys),
    end: () => child.stdin?.end(),
    kill: () => child.kill('SIGKILL'),
  };
}
