import { registerHooks } from 'node:module';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = (path: string) => pathToFileURL(path + sep).href;

/**
 * Takes modules of the project from its copy in `sandbox`, also those that workspaces reach by their names: these
 * lead through `node_modules` out of the copy. `tap` becomes what collects tests.
 */
export function hookModules({ project, sandbox }: { project: string; sandbox: string }): void {
  const tap = pathToFileURL(join(import.meta.dirname, 'collected-tests.ts')).href;
  const [from, to] = [folder(project), folder(sandbox)];
  const libraries = folder(join(project, 'node_modules'));
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'tap' && context.parentURL?.startsWith(to)) {
        return { url: tap, format: 'module-typescript', shortCircuit: true };
      }
      const resolved = next(specifier, context);
      const { url } = resolved;
      const ours = url.startsWith(from) && !url.startsWith(to) && !url.startsWith(libraries) && url !== tap;
      return ours ? { ...resolved, url: to + url.slice(from.length) } : resolved;
    },
  });
}
