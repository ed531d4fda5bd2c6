import type { AccountBlocksRepository } from './account-blocks-repository.ts';

/** Blocks that one round closes at most, so that the other tasks have their turn. */
const atOnce = 100;

/** Counts the accounts that have grown old enough to stay where they are in the list. */
export function createAccountBlocks({
  repository,
}: {
  repository: Pick<AccountBlocksRepository, 'closeNext'>;
}) {
  return {
    /** Closes what blocks are full, within bounds; safe on several replicas at once. */
    async close(): Promise<void> {
      for (let closed = 0; closed < atOnce; closed += 1) {
        if (!(await repository.closeNext())) return;
      }
    },
  };
}
