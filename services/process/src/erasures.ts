import type { Clock } from '@vestibule/shared/call-context';
import type { Consumer } from '@vestibule/shared/events/events';
import type { ErasuresRepository } from './erasures-repository.ts';

/** Rows of each kind that one transaction empties at most. */
const atOnce = 100;
/** Milliseconds until it is seen again whether what still runs has ended. */
const againMs = 3_600_000;

/** Forgets what erased accounts wrote: forms, reports, comments. What still runs is left alone until it has ended. */
export function createErasures({ repository, clock }: { repository: ErasuresRepository; clock: Clock }) {
  /** Does a part of what is to be done; answers whether there was anything. */
  function eraseSome(now: number): Promise<boolean> {
    return repository.transaction(async (tx) => {
      const accountId = await repository.takeDue(tx, new Date(now));
      if (accountId === null) return false;
      // Asked first: what ends after this is looked at again.
      const running = await repository.hasRunning(tx, accountId);
      await repository.removeRepeats(tx, accountId);
      const forms = await repository.eraseForms(tx, accountId, atOnce);
      const entries = await repository.eraseEntries(tx, accountId, atOnce);
      if (forms === atOnce || entries === atOnce) return true;
      if (running) await repository.lookAgain(tx, accountId, new Date(now + againMs));
      else await repository.done(tx, accountId);
      return true;
    });
  }

  const consumer: Consumer<'account.erased'> = {
    // Not `process-accounts`: a version that does not know the event would have it and let it pass.
    name: 'process-erasures',
    kinds: ['account.erased'],
    handle: ({ data }) => repository.order(data.accountId, new Date(clock())),
  };

  return {
    consumer,

    /** Does all that is to be done now; safe on several replicas at once. */
    async erase(): Promise<void> {
      const now = clock();
      while (await eraseSome(now));
    },
  };
}
export type Erasures = ReturnType<typeof createErasures>;
