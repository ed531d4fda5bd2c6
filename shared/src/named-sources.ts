import type { Registry } from './metrics.ts';

/**
 * For a metric that shows several things of a kind, each under its name: `open` makes it when a registry gets its
 * first one, and reads what is there by then at each look. One of the same name before it is forgotten.
 */
export function createNamedSources<Source>(
  open: (registry: Registry, sources: ReadonlyMap<string, Source>) => void,
): (registry: Registry, name: string, source: Source) => void {
  const watched = new WeakMap<Registry, Map<string, Source>>();
  return (registry, name, source) => {
    const known = watched.get(registry);
    if (known) {
      known.set(name, source);
      return;
    }
    const sources = new Map([[name, source]]);
    watched.set(registry, sources);
    open(registry, sources);
  };
}
