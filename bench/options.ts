import { parseArgs } from 'node:util';
import { partNames, type Replicas } from './platform.ts';
import { type WorkloadName, workloads } from './workloads.ts';

export const usage = `npm run bench -- [WORKLOAD...] [OPTION...]

Starts the processes of the platform, as \`npm run start:gateway\` and the others do, on a Postgres, NATS and Redis of their own, and
the yardstick: one Fastify process without any hop, on the same Postgres and Redis. Measures them in turn, run by run.
A wrong answer ends it with an error.

  WORKLOAD               ${Object.keys(workloads).join(', ')}; default: all
  --runs N               runs of each side, one after the other in turn; default 5
  --seconds S            seconds of a run; default 5
  --warm-up S            seconds before the first run of each side; default 2
  --connections C        connections that ask at once; default: the workload's own
  --accounts N,N,...     accounts in the database, for lists and searches; default 10000
  --against REV          measures another commit beside this tree, A B A B, and no yardstick
  --embedded             measures the default in one process on embedded parts beside the processes
  --replicas PART=N,...  processes of a part: gateway, auth, user, verification, process; default 1 each
  --no-yardstick         leaves the yardstick out
  --yardstick-only       measures nothing but the yardstick
  --minutes M            the mix alone, on the platform alone, for so long, with memory at the end of each minute
  --profile FOLDER       after each workload a run more, of which each process leaves a CPU profile and a flame graph there
  --json FILE            writes the figures into a file
  --report FILE          writes them as a table into a Markdown file, between its lines <!-- figures: NAME --> and
                         <!-- end -->; --section NAME, default servers, says which
  --help

Needs Linux, postgres, nats-server and redis-server, and wrk where it is installed.`;

/** What the command line asks for. */
export type Options = {
  workloads: WorkloadName[];
  runs: number;
  seconds: number;
  warmUpSeconds: number;
  /** Undefined: each workload's own. */
  connections: number | undefined;
  /** In rising order. */
  accounts: number[];
  against: string | undefined;
  embedded: boolean;
  replicas: Replicas;
  yardstick: 'with' | 'without' | 'alone';
  minutes: number | undefined;
  /** A folder for CPU profiles. */
  profiles: string | undefined;
  json: string | undefined;
  report: string | undefined;
  /** Of the report. */
  section: string;
};

const isWorkload = (name: string): name is WorkloadName => Object.hasOwn(workloads, name);

function whole(name: string, text: string, least: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least) {
    throw new Error(`--${name} takes a whole number from ${least} on, not ${text}`);
  }
  return number;
}

function readReplicas(text: string): Replicas {
  const replicas: Replicas = {};
  for (const entry of text.split(',')) {
    const [name, number = ''] = entry.split('=');
    const part = partNames.find((one) => one === name);
    if (part === undefined) throw new Error(`--replicas: there is no part ${name}`);
    replicas[part] = whole('replicas', number, 1);
  }
  return replicas;
}

/** Reads the arguments of the command line; null: help is asked for. Throws an Error that says what is wrong. */
export function readOptions(args: readonly string[]): Options | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '5' },
      'warm-up': { type: 'string', default: '2' },
      connections: { type: 'string' },
      accounts: { type: 'string', default: '10000' },
      against: { type: 'string' },
      embedded: { type: 'boolean', default: false },
      replicas: { type: 'string' },
      'no-yardstick': { type: 'boolean', default: false },
      'yardstick-only': { type: 'boolean', default: false },
      minutes: { type: 'string' },
      profile: { type: 'string' },
      json: { type: 'string' },
      report: { type: 'string' },
      section: { type: 'string', default: 'servers' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  for (const name of positionals) if (!isWorkload(name)) throw new Error(`there is no workload ${name}`);
  const chosen = Object.keys(workloads).filter(isWorkload);
  const accounts = values.accounts.split(',').map((text) => whole('accounts', text, 1000));
  if (values['no-yardstick'] && values['yardstick-only']) {
    throw new Error('--no-yardstick and --yardstick-only leave nothing');
  }
  const { against, embedded, json, report, section, profile: profiles } = values;
  const optional = (name: 'connections' | 'minutes') =>
    values[name] === undefined ? undefined : whole(name, values[name], 1);
  const minutes = optional('minutes');
  const without = values['no-yardstick'] || against !== undefined || minutes !== undefined;
  return {
    workloads: positionals.length === 0 ? chosen : chosen.filter((name) => positionals.includes(name)),
    runs: whole('runs', values.runs, 1),
    seconds: whole('seconds', values.seconds, 1),
    warmUpSeconds: whole('warm-up', values['warm-up'], 1),
    connections: optional('connections'),
    accounts: accounts.toSorted((a, b) => a - b),
    against,
    embedded,
    replicas: values.replicas === undefined ? {} : readReplicas(values.replicas),
    yardstick: values['yardstick-only'] ? 'alone' : without ? 'without' : 'with',
    minutes,
    profiles,
    json,
    report,
    section,
  };
}
