// Facts of the machine and the configuration -> how Suricata is to run: workers, rings and memory limits.
// Pure; what the plan looks like as a file is render-suricata-yaml.ts.

const MIB = 2 ** 20;

/** Files and folders as the engine sees them (inside its chroot, where it has one). */
export interface EngineFiles {
  rulesFile: string;
  /** threshold.config: which rules alert less often, or not for whom; absent: the package's own, which names none */
  thresholdsFile?: string;
  /** the category of IP reputation; the blocks that are in it stand beside the rules, and must; absent: no reputation */
  categoriesFile?: string;
  /** folder of classification.config and reference.config, as Debian's package ships them */
  configDir: string;
  /** where anything but EVE would be written */
  logDir: string;
  eveDir: string;
  /** unix socket that takes commands; in file mode it also takes the captures to read */
  commandSocket: string;
  /** folder for compiled pattern sets, which makes the next start and reload quicker; none: compile each time */
  cacheDir?: string;
}

/** Where files out of the traffic are kept. */
export interface FileStore {
  dir: string;
  /** every file, not only those that a rule with `filestore` names */
  all: boolean;
  /** more of a file than this is not kept */
  maxBytes: number;
}

export interface EngineFacts {
  /** first number of the engine's version: 7 or later */
  engineMajor: number;
  cores: number;
  memoryBytes: number;
  /** promiscuous interfaces; none: the engine reads capture files */
  interfaces: readonly string[];
  /** blocks as in the configuration: `CIDR`, or `!CIDR` for an exception */
  homeNet: readonly string[];
  files: EngineFiles;
  /** absent: no files are kept */
  fileStore?: FileStore;
  /** MD5 and SHA-1 of files beside their SHA-256 */
  oldDigests?: boolean;
  /** TCP conversations whose beginning was not seen are inspected, too */
  midstream: boolean;
}

export interface EnginePlan {
  engineMajor: number;
  mode: 'live' | 'files';
  homeNet: readonly string[];
  files: EngineFiles;
  fileStore?: FileStore;
  oldDigests: boolean;
  midstream: boolean;
  interfaces: { name: string; threads: number; clusterId: number; ringPackets: number; blockBytes: number }[];
  maxPendingPackets: number;
  memory: {
    flowBytes: number;
    flowHashSize: number;
    flowPrealloc: number;
    streamBytes: number;
    reassemblyBytes: number;
    defragBytes: number;
    hostBytes: number;
    thresholdBytes: number;
    httpBytes: number;
    ftpBytes: number;
  };
}

const RING_BLOCK_BYTES = 128 * 1024;
// a slot of TPACKET_V3 as Suricata sizes it: Ethernet MTU and the kernel's header, rounded up
const RING_SLOT_BYTES = 1616;
// 8 rings of 99 leave room beside other users of the same fan-out numbers
const FIRST_CLUSTER_ID = 99;

/**
 * Plans the engine. On the default appliance (2 cores, 4 GB) the limits below sum to about 300 MB, most of it reached
 * only under load; a larger machine gets proportionally more, up to eight times that.
 */
export function planEngine(facts: EngineFacts): EnginePlan {
  const scale = Math.min(8, Math.max(0.5, facts.memoryBytes / (4096 * MIB)));
  const bytes = (mib: number) => Math.round(mib * scale) * MIB;
  const count = facts.interfaces.length;
  // up to two cores the engine shares them with capture; above, one core is left to capture and the rest
  const workers = facts.cores <= 2 ? Math.max(1, facts.cores) : facts.cores - 1;
  const threads = Math.max(1, Math.floor(workers / Math.max(1, count)));
  // all rings together: 1/128 of the memory, 2,000 packets each at least
  const ringBytes = facts.memoryBytes / 128 / Math.max(1, threads * count);
  const ringPackets = Math.min(65_536, Math.max(2048, Math.floor(ringBytes / RING_SLOT_BYTES)));
  return {
    engineMajor: facts.engineMajor,
    mode: count === 0 ? 'files' : 'live',
    homeNet: facts.homeNet,
    files: facts.files,
    fileStore: facts.fileStore,
    oldDigests: facts.oldDigests ?? false,
    midstream: facts.midstream,
    interfaces: facts.interfaces.map((name, i) => ({
      name,
      threads,
      clusterId: FIRST_CLUSTER_ID - i,
      ringPackets,
      blockBytes: RING_BLOCK_BYTES,
    })),
    maxPendingPackets: 1024,
    memory: {
      flowBytes: bytes(64),
      flowHashSize: 65_536,
      flowPrealloc: 5000,
      streamBytes: bytes(48),
      reassemblyBytes: bytes(128),
      defragBytes: bytes(16),
      hostBytes: bytes(16),
      thresholdBytes: bytes(16),
      httpBytes: bytes(64),
      ftpBytes: bytes(8),
    },
  };
}
