import type { ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import type { userContracts } from '@vestibule/shared/contracts/user';
import { AppError } from '@vestibule/shared/errors';
import type { HistoryRepository } from './history-repository.ts';

type Contracts = typeof userContracts;

/** What an account searched for, newest first; the oldest beyond `length` are forgotten. */
export function createHistory({ repository, length }: { repository: HistoryRepository; length: number }) {
  return {
    /** An entry that is there already moves to the front. Fails with `account-unknown`, also for deleted ones. */
    async add({ id, entry }: RequestOf<Contracts['addHistory']>): Promise<ReplyOf<Contracts['addHistory']>> {
      const entries = await repository.add(id, entry, length);
      if (entries === null) throw new AppError('account-unknown');
      return { entries };
    },

    async get({ id }: RequestOf<Contracts['getHistory']>): Promise<ReplyOf<Contracts['getHistory']>> {
      return { entries: await repository.get(id) };
    },

    async clear({ id }: RequestOf<Contracts['clearHistory']>): Promise<ReplyOf<Contracts['clearHistory']>> {
      await repository.clear(id);
      return {};
    },
  };
}
