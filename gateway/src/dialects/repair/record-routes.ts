import { authContracts } from '@vestibule/shared/contracts/auth';
import { processContracts, processPageSize } from '@vestibule/shared/contracts/process';
import { userContracts } from '@vestibule/shared/contracts/user';
import { AppError } from '@vestibule/shared/errors';
import { createTimeReader, createTimes } from '@vestibule/shared/time-zone';
import { signedIn } from '../../caller.ts';
import type { DialectDependencies, DialectScope } from '../dialect.ts';
import { auditPageSize, createExportView } from './export.ts';
import { good, list, type Views } from './present.ts';
import { recordOperations as operations } from './record-operations.ts';

type Dependencies = Pick<DialectDependencies, 'bus' | 'settings'> & { views: Views };

/** What is kept of oneself, the wish to be deleted, and the audit log. */
export function recordRoutes(app: DialectScope, { bus, settings, views }: Dependencies): void {
  const exportView = createExportView(createTimes(settings.TIME_ZONE), views);
  const readTime = createTimeReader(settings.TIME_ZONE);

  /** One end of a range of times, which is the whole second that it names. */
  function timeOf(field: 'from' | 'to', text: string | undefined): Record<string, string> {
    if (!text) return {};
    const at = readTime(text, field === 'to' ? 999 : 0);
    if (at === undefined) throw new AppError('input-invalid', { field });
    return { [field]: at };
  }

  app.get('/api/user/export', operations.export, async ({ caller, query, callContext }) => {
    const { id } = signedIn(caller);
    const page = Number(query.page || 1);
    const [own, sessions, processes, audit] = await Promise.all([
      bus.call(userContracts.export, { id }, callContext),
      bus.call(authContracts.sessions, { accountId: id }, callContext),
      bus.call(processContracts.export, { page }, callContext),
      bus.call(authContracts.auditLog, { account: id, page, perPage: auditPageSize }, callContext),
    ]);
    return good(exportView(page, { own, sessions, processes, audit }));
  });

  app.post('/api/user/close', operations.close, async ({ body, callContext }) =>
    good(
      views.instance(
        await bus.call(
          processContracts.requestClosing,
          body.reason ? { reason: body.reason } : {},
          callContext,
        ),
      ),
    ),
  );

  app.get('/api/audit', operations.audit, async ({ query, callContext }) => {
    const page = Number(query.page || 1);
    const { total, entries } = await bus.call(
      authContracts.auditLog,
      {
        // Missing or empty is no limit.
        ...(query.account ? { account: Number(query.account) } : {}),
        ...(query.action ? { action: query.action } : {}),
        ...timeOf('from', query.from),
        ...timeOf('to', query.to),
        page,
        perPage: processPageSize,
      },
      callContext,
    );
    return good(list(page, processPageSize, total, entries.map(views.auditEntry)));
  });
}
