// What <name>.mjs of a service is in a release: it runs <name>.cjs beside it, compiled before by the build. Compiling
// is the larger half of a start. Node has a cache of its own for that, but one for each user and each kind of processor,
// written by the service itself, which would let a service change its own code; this one is the release's and root's.
import { readFileSync, writeFileSync } from 'node:fs';
import Module from 'node:module';
import { dirname } from 'node:path';
import { constants, Script } from 'node:vm';

const program = import.meta.filename.replace(/\.mjs$/, '.cjs');
const compiled = program.replace(/\.cjs$/, '.v8');
const compileAhead = process.env.MSS_COMPILE_AHEAD === '1';

const script = new Script(Module.wrap(readFileSync(program, 'utf8')), {
  filename: program,
  // what another V8 compiled is refused by this one, which then compiles anew
  cachedData: compileAhead ? undefined : readCompiled(),
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
const module = { exports: {} };
script.runInThisContext()(module.exports, Module.createRequire(program), module, program, dirname(program));
// with all that was run until now
if (compileAhead) writeFileSync(compiled, script.createCachedData());

function readCompiled(): Buffer | undefined {
  try {
    return readFileSync(compiled);
  } catch {
    return undefined; // slower, and no worse
  }
}
