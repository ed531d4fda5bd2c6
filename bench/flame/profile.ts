/** The part of a V8 CPU profile (`node --cpu-prof`) that is read here. */
export type CpuProfile = {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
    children?: number[];
  }[];
  /** The node that each sample was in, and the microseconds since the sample before. */
  samples: number[];
  timeDeltas: number[];
};

/** Whose code a function is. */
export type Owner = 'ours' | 'library' | 'node' | 'engine';

/** A function where it was called from there: the same function called from two places is two frames. */
export type Frame = {
  name: string;
  /** File and line as a reader knows them; empty for what the engine itself does. */
  place: string;
  owner: Owner;
  /** Microseconds in it and in what it called. */
  total: number;
  /** Microseconds in it alone. */
  own: number;
  /** By falling time. */
  callees: Frame[];
};

type Node = CpuProfile['nodes'][number];

/** Nothing was done, or what the profiler itself did. */
const isLeftOut = ({ functionName, url }: Node['callFrame']) =>
  functionName === '(idle)' || url.startsWith('node:inspector') || url.endsWith('/bench/profiled.ts');

function ownerOf(url: string): Owner {
  if (url === '') return 'engine';
  if (url.startsWith('node:')) return 'node';
  return url.includes('/node_modules/') ? 'library' : 'ours';
}

/** Without what stands before the tree or the package: `gateway/src/caller.ts`, `fastify/lib/reply.js`. */
function shortened(url: string, root: string): string {
  const [, inPackage] = /.*\/node_modules\/(.*)$/.exec(url) ?? [];
  if (inPackage !== undefined) return inPackage;
  const path = url.replace(/^file:\/\//, '');
  return path.startsWith(root) ? path.slice(root.length) : path;
}

/** Siblings that are the same function become one frame. */
function framesOf(
  siblings: readonly Node[],
  known: { byId: ReadonlyMap<number, Node>; own: ReadonlyMap<number, number>; root: string },
): Frame[] {
  const shown = siblings.filter(({ callFrame }) => !isLeftOut(callFrame));
  const same = Map.groupBy(shown, ({ callFrame: { functionName, url, lineNumber } }) =>
    [functionName, url, lineNumber].join('\n'),
  );
  const frames = [...same.values()].map((nodes): Frame => {
    const { functionName, url, lineNumber } = nodes[0]?.callFrame ?? {
      functionName: '',
      url: '',
      lineNumber: 0,
    };
    const below = nodes.flatMap(({ children = [] }) => children.flatMap((id) => known.byId.get(id) ?? []));
    const callees = framesOf(below, known);
    const own = nodes.reduce((sum, { id }) => sum + (known.own.get(id) ?? 0), 0);
    return {
      name: functionName || '(anonymous)',
      place: url === '' ? '' : `${shortened(url, known.root)}:${lineNumber + 1}`,
      owner: ownerOf(url),
      own,
      total: callees.reduce((sum, { total }) => sum + total, own),
      callees,
    };
  });
  return frames.filter(({ total }) => total > 0).sort((a, b) => b.total - a.total);
}

/** The profile as frames from the outermost function in, without the idle time and the profiler's own. */
export function fold(profile: CpuProfile, root: string): Frame {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const own = new Map<number, number>();
  for (const [index, id] of profile.samples.entries()) {
    own.set(id, (own.get(id) ?? 0) + (profile.timeDeltas[index] ?? 0));
  }
  const called = new Set(profile.nodes.flatMap(({ children = [] }) => children));
  const outermost = profile.nodes.filter(({ id }) => !called.has(id));
  // What lies outermost is the engine's own `(root)`: its callees are what the process did.
  const callees = framesOf(outermost, { byId, own, root }).flatMap((frame) =>
    frame.name === '(root)' ? frame.callees : [frame],
  );
  const total = callees.reduce((sum, frame) => sum + frame.total, 0);
  return { name: 'all', place: '', owner: 'engine', own: 0, total, callees };
}
