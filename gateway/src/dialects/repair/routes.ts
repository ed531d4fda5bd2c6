import { createTimes } from '@vestibule/shared/time-zone';
import type { DialectDependencies, DialectScope } from '../dialect.ts';
import { limitRegistrations } from '../registrations.ts';
import { definitionRoutes } from './definition-routes.ts';
import { instanceRoutes } from './instance-routes.ts';
import { createViews } from './present.ts';
import { recordRoutes } from './record-routes.ts';
import { taskRoutes } from './task-routes.ts';
import { userRoutes } from './user-routes.ts';

export function routes(app: DialectScope, dependencies: DialectDependencies): void {
  const { bus, settings } = dependencies;
  const views = createViews(createTimes(settings.TIME_ZONE));
  userRoutes(app, { bus, views, limitRegister: limitRegistrations(dependencies) });
  definitionRoutes(app, { bus });
  instanceRoutes(app, { bus, views });
  taskRoutes(app, { bus, views });
  recordRoutes(app, { bus, views, settings });
}
