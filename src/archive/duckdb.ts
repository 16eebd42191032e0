// The event archive in one DuckDB file, owned by this process alone. The only file that knows @duckdb/node-api.
// See https://duckdb.org/docs/stable/connect/concurrency: one process writes, its connections see snapshots.
import { existsSync, mkdirSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  BIGINT,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBInstance,
  INTEGER,
  LIST,
  VARCHAR,
} from '@duckdb/node-api';
import type { HostRow, SearchRow } from '../api/rows.ts';
import { MssError, messageOf } from '../errors.ts';
import { type Bookmark, parseBookmark, START } from '../spool/bookmark.ts';
import type { Batch } from '../spool/reader.ts';
import { rowsOfBatch } from './batch-rows.ts';
import type { Coverage, EventArchive, Pruned, RetentionLimits, Search } from './event-archive.ts';
import { ReaderPool } from './reader-pool.ts';
import { hostRow, searchRow } from './result-row.ts';
import { pruneArchive } from './retention.ts';
import type { ArchiveRow } from './row.ts';
import { type ColumnType, renderSchema, SCHEMA_VERSION, TABLES, type TableName } from './schema.ts';
import { type RowTable, renderCoverage, renderFind, renderHosts, renderSearch, type SqlText } from './search-sql.ts';
import { isDamage, isDamageOfLog, remedyFor, setAside } from './set-aside.ts';

/** Of DuckDB's own buffers; the process needs about 150 MB more. */
const MEMORY_LIMIT = '192MB';
const SPILL_LIMIT = '512MB';
const THREADS = '2';
/** A quarter of DuckDB's own: deleting the oldest rows gives space back in these steps. */
const ROW_GROUP_ROWS = 30_720;
const READERS = 2;
const READ_WITHIN_MS = 20_000;
/** The archive leaves this much of its file system to others, whatever its own limit says. */
const FREE_BYTES = 256 * 2 ** 20;

type Row = Record<string, unknown>;
interface Open {
  instance: DuckDBInstance;
  writer: DuckDBConnection;
  readers: DuckDBConnection[];
}

export class DuckDbArchive implements EventArchive {
  /** what was found damaged and set aside, for the status; undefined while all is well */
  setAside: string | undefined;
  readonly #file: string;
  #open: Open | undefined;
  #bookmarks = new Map<string, Bookmark>();
  /** end of the last write that was begun; the next one waits for it */
  #writing: Promise<unknown> = Promise.resolve();
  readonly #pool = new ReaderPool<DuckDBConnection>();

  private constructor(file: string) {
    this.#file = file;
  }

  /**
   * Opens or begins the archive in `file`. A damaged one is set aside by name and a new one begun.
   * @throws MssError 'archive'
   */
  static async open(file: string): Promise<DuckDbArchive> {
    const archive = new DuckDbArchive(file);
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
      await archive.#begin();
    } catch (cause) {
      if (!isDamage(messageOf(cause))) throw archive.#failed('cannot be opened', cause);
      await archive.#beginAnew(cause);
    }
    return archive;
  }

  bookmark(stream: string): Bookmark {
    return this.#bookmarks.get(stream) ?? { ...START };
  }

  apply(stream: string, batch: Batch): Promise<number> {
    return this.#write(async ({ writer }) => {
      const { rows, passedOver } = rowsOfBatch(batch);
      await writer.run('begin');
      try {
        for (const [table, values] of rows) await append(writer, table, values);
        await writer.run('delete from bookmarks where stream = ?', [stream]);
        await writer.run('insert into bookmarks values (?, ?)', [stream, JSON.stringify(batch.next)]);
        await writer.run('commit');
      } catch (error) {
        await writer.run('rollback').catch(() => {}); // after a fatal error there is nothing left to roll back
        throw error;
      }
      this.#bookmarks.set(stream, batch.next);
      return passedOver;
    });
  }

  async search(table: RowTable, search: Search): Promise<SearchRow[]> {
    const rows = await this.#read(renderSearch(table, search));
    return rows.map((row) => searchRow(table, row));
  }

  async hosts(search: Search): Promise<HostRow[]> {
    const rows = await this.#read(renderHosts(search));
    return rows.map(hostRow);
  }

  async find(table: RowTable, id: string): Promise<SearchRow | undefined> {
    const [row] = await this.#read(renderFind(table, id));
    return row === undefined ? undefined : searchRow(table, row);
  }

  async coverage(table: RowTable): Promise<Coverage> {
    const [row] = await this.#read({ sql: renderCoverage(table), params: [] });
    const time = (value: unknown) => (value === null || value === undefined ? undefined : Number(value));
    return { rows: Number(row?.rows ?? 0), oldestUs: time(row?.oldest), newestUs: time(row?.newest) };
  }

  prune(limits: RetentionLimits, nowUs: number): Promise<Pruned> {
    return this.#write(async ({ writer }) => {
      const usedBytes = async () => {
        const sql = "select * from pragma_database_size() where database_name = 'archive'";
        const [size] = await all(writer, { sql, params: [] });
        return Number(size.used_blocks) * Number(size.block_size);
      };
      const fileBytes = existsSync(this.#file) ? statSync(this.#file).size : 0;
      const disk = statfsSync(dirname(this.#file));
      const room = fileBytes + disk.bavail * disk.bsize - FREE_BYTES;
      const bytes = Math.max(0, Math.min(limits.bytes, room));
      return pruneArchive(
        { all: (sql, params) => all(writer, { sql, params: params ?? [] }), usedBytes },
        { ...limits, bytes },
        nowUs,
      );
    });
  }

  async close(): Promise<void> {
    await this.#writing;
    const open = this.#open;
    if (open === undefined) return;
    await open.writer.run('checkpoint').catch(() => {}); // the log holds what this would have merged
    await this.#shut();
  }

  async #begin(): Promise<void> {
    // attached to an instance in memory: only an attached file takes a size of row groups
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: MEMORY_LIMIT,
      threads: THREADS,
      temp_directory: `${this.#file}.tmp`,
      max_temp_directory_size: SPILL_LIMIT,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connect = async () => {
      const connection = await instance.connect();
      await connection.run('use archive');
      return connection;
    };
    try {
      const first = await instance.connect();
      const name = this.#file.replaceAll("'", "''");
      await first.run(`attach '${name}' as archive (row_group_size ${ROW_GROUP_ROWS})`);
      first.closeSync();
      const writer = await connect();
      await writer.run('begin');
      for (const statement of renderSchema()) await writer.run(statement);
      const [about] = await all(writer, { sql: 'select schema_version from about', params: [] });
      if (about === undefined) await writer.run('insert into about values (?)', [SCHEMA_VERSION], [INTEGER]);
      else if (about.schema_version !== SCHEMA_VERSION) {
        throw new MssError('archive', `it has schema version ${about.schema_version}, not ${SCHEMA_VERSION}`);
      }
      await writer.run('commit');
      const stored = await all(writer, { sql: 'select stream, bookmark from bookmarks', params: [] });
      this.#bookmarks = new Map(stored.map((row) => [String(row.stream), parseBookmark(String(row.bookmark))]));
      const readers = await Promise.all(Array.from({ length: READERS }, connect));
      this.#open = { instance, writer, readers };
      this.#pool.fill(readers);
    } catch (error) {
      instance.closeSync();
      throw error;
    }
  }

  async #beginAnew(cause: unknown): Promise<void> {
    await this.#shut();
    try {
      if (isDamageOfLog(messageOf(cause))) {
        const aside = setAside(this.#file, Date.now(), 'log');
        this.setAside = `the log of the event archive was damaged (${messageOf(cause)}); it is kept as ${aside}, its records are read from the spool again`;
        await this.#begin();
        return;
      }
      const aside = setAside(this.#file, Date.now());
      this.setAside = `the event archive was damaged (${messageOf(cause)}); it is kept as ${aside}, a new one was begun`;
      await this.#begin();
    } catch (again) {
      throw this.#failed('cannot be begun anew', again);
    }
  }

  /** A connection closed under a running query never answers it, so those end first. */
  async #shut(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await this.#pool.empty();
    if (open === undefined) return;
    for (const connection of [open.writer, ...open.readers]) connection.closeSync();
    open.instance.closeSync();
  }

  /** One write at a time. After a failure the file is opened again: DuckDB answers nothing more after a fatal error. */
  #write<T>(work: (open: Open) => Promise<T>): Promise<T> {
    const done = this.#writing.then(async () => {
      try {
        if (this.#open === undefined) await this.#begin();
        return await work(this.#open!);
      } catch (cause) {
        await this.#shut();
        if (isDamage(messageOf(cause))) await this.#beginAnew(cause);
        throw this.#failed('cannot be written', cause);
      }
    });
    this.#writing = done.catch(() => {});
    return done;
  }

  #read(text: SqlText): Promise<Row[]> {
    return this.#pool.use(async (connection) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        connection.interrupt();
      }, READ_WITHIN_MS);
      try {
        return await all(connection, text);
      } catch (cause) {
        if (!late) throw this.#failed('cannot be read', cause);
        const seconds = READ_WITHIN_MS / 1000;
        throw new MssError(
          'archive',
          `the search took longer than ${seconds} s; ask for less time or with narrower words`,
        );
      } finally {
        clearTimeout(timer);
      }
    });
  }

  #failed(what: string, cause: unknown): MssError {
    const text = messageOf(cause);
    const remedy = remedyFor(text);
    return new MssError('archive', `the event archive ${this.#file} ${what}: ${text}${remedy}`, { cause });
  }
}

async function all(connection: DuckDBConnection, { sql, params }: SqlText): Promise<Row[]> {
  const types = params.map((param) => (typeof param === 'string' ? VARCHAR : BIGINT));
  const values = params.map((param) => (typeof param === 'string' ? param : BigInt(param)));
  const reader = await connection.runAndReadAll(sql, values, types);
  return reader.getRowObjectsJS();
}

async function append(writer: DuckDBConnection, table: TableName, rows: ArchiveRow['values'][]): Promise<void> {
  if (table === 'incidents') {
    for (const row of rows) await writer.run('delete from incidents where id = ?', [String((row as Row).id)]);
  }
  const columns = Object.entries<ColumnType>(TABLES[table]);
  const appender = await writer.createAppender(table);
  for (const row of rows) {
    for (const [column, type] of columns) appendValue(appender, type, (row as Row)[column]);
    appender.endRow();
  }
  appender.closeSync();
}

/** A value that is not what its column takes (records come from other programs) becomes null; the JSON beside keeps it. */
function appendValue(appender: DuckDBAppender, type: ColumnType, value: unknown): void {
  if (type === 'VARCHAR' && typeof value === 'string') appender.appendVarchar(value);
  else if (type === 'BIGINT' && typeof value === 'bigint') appender.appendBigInt(value);
  else if (type === 'UBIGINT' && typeof value === 'bigint') appender.appendUBigInt(value);
  else if (type === 'INTEGER' && isInt32(value)) appender.appendInteger(value);
  else if (type === 'INTEGER[]' && Array.isArray(value) && value.every(isInt32)) {
    appender.appendList(value, LIST(INTEGER));
  } else if (type === 'BIGINT[]' && Array.isArray(value) && value.every((item) => typeof item === 'bigint')) {
    appender.appendList(value, LIST(BIGINT));
  } else if (type === 'VARCHAR[]' && Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    appender.appendList(value, LIST(VARCHAR));
  } else appender.appendNull();
}

const isInt32 = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) === ((value as number) | 0);
