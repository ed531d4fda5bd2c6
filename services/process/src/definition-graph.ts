import type { Definition, Step } from './definition.ts';

/** The steps that a step may lead to, each with its place within the step. */
export function targetsOf(step: Step): { to: string; place: string }[] {
  switch (step.kind) {
    case 'task':
      return step.next.map(({ to }, index) => ({ to, place: `next.${index}.to` }));
    case 'action':
      return [{ to: step.to, place: 'to' }];
    case 'end':
      return [];
  }
}

/** All steps that come after the given ones at some time. */
function following(edges: ReadonlyMap<string, readonly string[]>, from: Iterable<string>): Set<string> {
  const found = new Set<string>();
  const open = [...from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const next of edges.get(name) ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(next);
    }
  }
  return found;
}

/** How the steps of a definition hang together. */
export function graphOf({ first, steps }: Definition) {
  const all = Object.entries(steps);
  const edges = new Map(all.map(([name, step]) => [name, targetsOf(step).map(({ to }) => to)]));
  const actions = new Map(
    all.flatMap(([name, step]) => (step.kind === 'action' ? [[name, [step.to]] as const] : [])),
  );
  const ends = new Set(all.flatMap(([name, { kind }]) => (kind === 'end' ? [name] : [])));
  const reached = following(edges, [first]).add(first);

  return {
    /** Whether the process may ever come to a step. */
    isReached: (name: string): boolean => reached.has(name),
    /** Whether one step may come, at once or later, after another. */
    leads: (from: string, to: string): boolean => following(edges, [from]).has(to),
    /** Whether the process may end after a step, or in it. */
    canEnd: (name: string): boolean =>
      ends.has(name) || [...following(edges, [name])].some((later) => ends.has(later)),
    /** Whether the platform comes back to an action without anybody's task between. */
    runsInCircles: (name: string): boolean => following(actions, [name]).has(name),
  };
}
