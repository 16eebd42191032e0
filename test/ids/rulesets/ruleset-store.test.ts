// The kept rule sets: ten of them, one in force, undo that stays undone.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defaultConfig } from '../../../src/config/parse.ts';
import { importRuleSource, readRuleSource } from '../../../src/ids/rulesets/rule-sources.ts';
import { withRulesLock } from '../../../src/ids/rulesets/rules-lock.ts';
import {
  completeCurrent,
  countBroken,
  currentRulesFile,
  currentThresholdsFile,
  findCurrentId,
  listRulesets,
  readListsBeside,
  SETS_KEPT,
  saveRuleset,
  undoRuleset,
} from '../../../src/ids/rulesets/ruleset-store.ts';
import { updateRules } from '../../../src/ids/rulesets/update-rules.ts';
import { pathsUnder } from '../../../src/paths.ts';
import { engine } from '../../packets/engine.ts';

let root: string;
let server: Server | undefined;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mss-sets-'));
  mkdirSync(at().stateDir('ids'), { recursive: true });
  mkdirSync(at().localRulesDir, { recursive: true });
});
afterEach(() => {
  server?.close();
  rmSync(root, { recursive: true, force: true });
});
const at = () => pathsUnder(root);
const about = { createdMs: 1, checkedMs: 1, sources: [], rules: 1, off: 0, broken: [] };
const inForce = () => readFileSync(currentRulesFile(at()), 'utf8');
const rule = (sid: number, rev = 1) =>
  `alert tcp any any -> any any (msg:"rule ${sid}"; content:"abc"; sid:${sid}; rev:${rev};)\n`;

test('the last ten are kept; undo goes back one at a time, and to a named one', () => {
  for (let i = 1; i <= SETS_KEPT + 3; i++) saveRuleset(at(), `set ${i}\n`, about);
  expect(listRulesets(at())).toHaveLength(SETS_KEPT);
  expect(inForce()).toBe('set 13\n');
  undoRuleset(at());
  expect(undoRuleset(at()).id).toBe('000011');
  expect(inForce()).toBe('set 11\n');
  undoRuleset(at(), '000013');
  expect(inForce()).toBe('set 13\n');
  expect(() => undoRuleset(at(), '000001')).toThrow('kept are: 000004');
});

test('the list of blocks is there with every set, also with one of an earlier release', () => {
  expect(completeCurrent(at())).toBe(false);
  saveRuleset(at(), 'x\n', about);
  const list = join(dirname(currentRulesFile(at())), 'known-bad-networks.lst');
  expect(readFileSync(list, 'utf8')).toBe('');
  rmSync(list);
  expect(completeCurrent(at())).toBe(true);
  expect(readFileSync(list, 'utf8')).toBe('');
});

test('a list that did not change is not written again', () => {
  const inode = () => statSync(join(dirname(currentRulesFile(at())), 'a.lst')).ino;
  saveRuleset(at(), 'x\n', about, [], new Map([['a.lst', '1\n']]));
  const first = inode();
  saveRuleset(at(), 'y\n', about, [], new Map([['a.lst', '1\n']]));
  expect(inode()).toBe(first);
  saveRuleset(at(), 'z\n', about, [], new Map([['a.lst', '2\n']]));
  expect(inode()).not.toBe(first);
});

test('of endless rules set aside a thousand are kept, and the number of all', () => {
  const broken = Array.from({ length: 1500 }, (_, i) => ({ file: 'a', line: i, reason: 'bad', text: '' }));
  saveRuleset(at(), 'x\n', { ...about, broken });
  const [set] = listRulesets(at());
  expect([set.broken.length, countBroken(set)]).toEqual([1000, 1500]);
});

test('one at a time changes the sets; what a process that is gone left counts for nothing', async () => {
  const order: string[] = [];
  let release: () => void = () => {};
  const held = new Promise<void>((done) => {
    release = done;
  });
  const first = withRulesLock(at(), async () => {
    await held;
    order.push('first');
  });
  await expect(withRulesLock(at(), () => {}, 0)).rejects.toThrow(`process ${process.pid} is changing the rule sets`);
  const second = withRulesLock(at(), () => order.push('second'));
  release();
  await Promise.all([first, second]);
  expect(order).toEqual(['first', 'second']);
  const gone = spawnSync('true').pid;
  writeFileSync(join(at().stateDir('ids'), 'rules', 'lock'), String(gone));
  expect(await withRulesLock(at(), () => 'mine', 0)).toBe('mine');
  await expect(
    withRulesLock(at(), () => {
      throw new Error('work failed');
    }),
  ).rejects.toThrow('work failed');
  expect(await withRulesLock(at(), () => 'again', 0)).toBe('again');
});

test('without an earlier set there is nothing to undo', () => {
  expect(() => undoRuleset(at())).toThrow('no earlier rule set');
  saveRuleset(at(), 'only\n', about);
  expect(() => undoRuleset(at())).toThrow('no earlier rule set');
  expect(findCurrentId(at())).toBe('000001');
});

describe.skipIf(engine === undefined)('a round of updates, judged by the engine', () => {
  const warnings: string[] = [];
  interface More {
    disable?: string[];
    modify?: string[];
    thresholds?: string[];
    badAddresses?: string[];
    badDomains?: string[];
    fetch?: boolean;
    proxy?: string;
  }
  const update = (urls: string[] = [], more: More = {}) => {
    const config = defaultConfig();
    config.ids.ruleUrls = urls;
    config.ids.disable = more.disable ?? [];
    config.ids.modify = more.modify ?? [];
    config.ids.thresholds = more.thresholds ?? [];
    config.ids.badAddresses = more.badAddresses ?? [];
    config.ids.badDomains = more.badDomains ?? [];
    config.release.proxy = more.proxy ?? '';
    warnings.length = 0;
    return updateRules(at(), config, engine!, { fetch: more.fetch ?? true, warn: (text) => warnings.push(text) });
  };

  test('local rules, a switch, a broken rule; no change makes no set; undo holds against the next round', async () => {
    writeFileSync(join(at().localRulesDir, 'own.rules'), rule(1));
    expect((await update()).diff.added.some((text) => text.startsWith('1:1:1'))).toBe(true);
    expect((await update()).changed).toBe(false);
    writeFileSync(
      join(at().localRulesDir, 'own.rules'),
      `${rule(1)}${rule(2)}alert tcp any any -> any any (contnt:"x"; sid:3;)\n`,
    );
    const second = await update();
    expect(second.diff).toMatchObject({ added: ['1:2:1 rule 2'], broken: [{ id: '1:3', line: 3 }] });
    expect((await update()).changed).toBe(false);
    undoRuleset(at());
    expect(await update()).toMatchObject({ changed: false, set: { id: '000001' } });
    const third = await update([], { disable: ['1'] });
    expect(third).toMatchObject({ changed: true, set: { id: '000003' } });
    expect(inForce()).not.toContain('"rule 1"');
  });

  test('changes and thresholds make a set; a bad line is named; undo takes both back, and it stays so', async () => {
    writeFileSync(join(at().localRulesDir, 'own.rules'), rule(1));
    await update();
    const line = 'suppress gen_id 1, sig_id 1, track by_src, ip 10.0.0.1';
    const tuned = {
      modify: ['1 "abc" "xyz"'],
      thresholds: [line, 'suppress gen_id 1, sig_id 1, track by_src, ip here'],
    };
    const { changed, diff } = await update([], tuned);
    expect(changed).toBe(true);
    expect(diff).toMatchObject({
      changed: [{ id: '1:1 rule 1', from: 'rev 1', to: 'rev 1, edited' }],
      thresholds: { added: [line], removed: [] },
      broken: [{ file: 'ids.thresholds', line: 2 }],
    });
    expect(readFileSync(currentThresholdsFile(at()), 'utf8')).toBe(`${line}\n`);
    expect((await update([], tuned)).changed).toBe(false);
    expect((await update([], { modify: tuned.modify })).diff.thresholds).toEqual({ added: [], removed: [line] });
    undoRuleset(at());
    expect(readFileSync(currentThresholdsFile(at()), 'utf8')).toBe(`${line}\n`);
    expect((await update([], { modify: tuned.modify })).changed).toBe(false);
  });

  test('lists of known bad ends are part of the set: new entries make a new one, an old list counts no more', async () => {
    const list = join(root, 'bad.txt');
    writeFileSync(list, '192.0.2.1\nnonsense\n');
    writeFileSync(join(at().localRulesDir, 'own.rules'), rule(1));
    const lists = { badAddresses: [list, join(root, 'missing.txt')] };
    const first = await update([], lists);
    expect(first.diff.broken).toEqual([{ file: list, line: 2, reason: 'no address or block', text: 'nonsense' }]);
    expect(first.diff.added).toContain('1:9000090:1 MSS KNOWN-BAD address contacted');
    expect(warnings.join('\n')).toMatch(
      /1 lines passed over, first line 2: no address or block: "nonsense"[\s\S]*missing.txt is left out/,
    );
    expect((await update([], lists)).changed).toBe(false);
    const kept = () => [...readListsBeside(currentRulesFile(at())).values()].filter(Boolean);
    expect(kept()).toEqual(['192.0.2.1\n']);
    writeFileSync(list, '192.0.2.1\n192.0.2.2\n');
    expect((await update([], lists)).changed).toBe(true);
    expect(kept()).toEqual(['192.0.2.1\n192.0.2.2\n']);
    utimesSync(list, 0, 0);
    expect((await update([], lists)).diff.removed).toContain('1:9000090:1 MSS KNOWN-BAD address contacted');
    expect(warnings.join()).toContain('older than 7 days');
    expect(kept()).toEqual([]);
  });

  test('a feed by URL that fails, or answers with no entry, leaves its last good copy', async () => {
    let body = 'bad.example\n';
    server = createServer((_request, response) => {
      if (body === '') response.writeHead(503).end();
      else response.end(body);
    });
    await new Promise<void>((done) => server!.listen(0, '127.0.0.1', done));
    const badDomains = [`http://127.0.0.1:${(server.address() as AddressInfo).port}/feed.txt`];
    expect((await update([], { badDomains })).set.sources).toContain(badDomains[0]);
    for (const [answer, why] of [
      ['', 'answered 503; the last good copy stays in use'],
      ['<html>login</html>', 'not one domain in it; the last good copy stays in use'],
    ]) {
      body = answer;
      expect((await update([], { badDomains })).changed).toBe(false);
      expect(warnings.join()).toContain(why);
    }
    body = 'bad.example\nworse.example\n';
    expect((await update([], { badDomains })).changed).toBe(true);
  });

  test('an imported source is replaced under its name; no source under a bad one', async () => {
    const file = join(root, 'vendor.rules');
    writeFileSync(file, rule(10, 1));
    importRuleSource(at(), (await readRuleSource(file)).files);
    await update();
    writeFileSync(file, rule(10, 2));
    importRuleSource(at(), (await readRuleSource(file)).files);
    expect((await update()).diff.changed).toEqual([{ id: '1:10 rule 10', from: 'rev 1', to: 'rev 2' }]);
    writeFileSync(join(root, 'vendor.txt'), rule(11));
    await expect(readRuleSource(join(root, 'vendor.txt'))).rejects.toThrow('is named');
  });

  test('a URL is asked with its ETag; a server that fails, or serves no rules, leaves the last good copy', async () => {
    const asked: (string | undefined)[] = [];
    let mode: 'good' | 'broken' | 'login' = 'good';
    server = createServer((request, response) => {
      asked.push(request.headers['if-none-match']);
      if (mode === 'broken') response.writeHead(500).end();
      else if (mode === 'login') response.end('<html>Please log in</html>\n');
      else if (request.headers['if-none-match'] === '"v1"') response.writeHead(304).end();
      else response.writeHead(200, { etag: '"v1"' }).end(rule(20));
    });
    await new Promise<void>((done) => server!.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed.rules`;
    expect((await update([url])).diff.added).toContain('1:20:1 rule 20');
    expect((await update([url])).changed).toBe(false);
    expect(asked).toEqual([undefined, '"v1"']);
    mode = 'broken';
    const { checkedMs } = (await update([url], { fetch: false })).set;
    const unanswered = await update([url]);
    expect(unanswered.changed).toBe(false);
    expect(warnings.join()).toContain('answered 500; the last good copy stays in use');
    // rules get older when nobody answers, and when nobody is asked
    expect(unanswered.set.checkedMs).toBe(checkedMs);
    expect(listRulesets(at()).at(-1)?.checkedMs).toBe(checkedMs);
    mode = 'login';
    expect((await update([url])).changed).toBe(false);
    expect(warnings.join()).toContain('not one rule in the answer; the last good copy stays in use');
    expect((await update([url.replace('feed.rules', 'never.rules')])).diff.removed).toContain('1:20:1 rule 20');
    expect(existsSync(currentRulesFile(at()))).toBe(true);
  });

  test('rules come through the proxy where one is set', async () => {
    const asked: string[] = [];
    server = createServer((request, response) => {
      asked.push(`${request.headers.host}`);
      response.end(rule(30));
    });
    // whether it is asked for the page or for a tunnel, what comes out of it is the origin's
    server.on('connect', (request, socket) => {
      asked.push(`CONNECT ${request.url}`);
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      server!.emit('connection', socket);
    });
    await new Promise<void>((done) => server!.listen(0, '127.0.0.1', done));
    const proxy = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { diff } = await update(['http://rules.invalid/feed.rules'], { proxy });
    expect(diff.added).toContain('1:30:1 rule 30');
    expect(asked.join()).toContain('rules.invalid');
    await update(['http://rules.invalid/other.rules']);
    expect(warnings.join()).toContain('cannot fetch http://rules.invalid/other.rules');
  });
});
