import type { Bus } from '@vestibule/shared/bus/bus';
import { type CallContext, sharedContext, sharingOf } from '@vestibule/shared/call-context';
import { userContracts } from '@vestibule/shared/contracts/user';
import { shareReads } from '@vestibule/shared/gathered-reads';
import { createPageView, good, perPage } from './present.ts';

type Asked = { page: number; callContext: CallContext };

/**
 * Pages of the list of users, as JSON: to all administrators the same, so those who ask for one in the same turn of the
 * event loop share it. `time` is the one of `createPageView`.
 */
export function createUserPages({ bus, time }: { bus: Pick<Bus, 'call'>; time: (iso: string) => string }) {
  const view = createPageView(time);
  const read = shareReads(async ([{ page, callContext }, ...others]: readonly [Asked, ...Asked[]]) => {
    const context = sharedContext([callContext, ...others.map((other) => other.callContext)]);
    const { total, accounts } = await bus.call(userContracts.list, { page, perPage }, context);
    return JSON.stringify(good('list/user', view(page, total, accounts)));
  });
  return (asked: Asked): Promise<string> => read(`${asked.page} ${sharingOf(asked.callContext)}`, asked);
}
