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
  --json FILE            writes the figures into a file
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
  json: string | undefined;
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
      json: { type: 'string' },
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
  const without = values['no-yardstick'] || values.against !== undefined;
  return {
    workloads: positionals.length === 0 ? chosen : chosen.filter((name) => positionals.includes(name)),
    runs: whole('runs', values.runs, 1),
    seconds: whole('seconds', values.seconds, 1),
    warmUpSeconds: whole('warm-up', values['warm-up'], 1),
    connections: values.connections === undefined ? undefined : whole('connections', values.connections, 1),
    accounts: accounts.toSorted((a, b) => a - b),
    against: values.against,
    embedded: values.embedded,
    replicas: values.replicas === undefined ? {} : readReplicas(values.replicas),
    yardstick: values['yardstick-only'] ? 'alone' : without ? 'without' : 'with',
    json: values.json,
  };
}
