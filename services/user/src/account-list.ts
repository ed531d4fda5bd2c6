import type { ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import type { userContracts } from '@vestibule/shared/contracts/user';
import { shareReads } from '@vestibule/shared/gathered-reads';
import type { AccountListRepository } from './account-list-repository.ts';

type List = typeof userContracts.list;

/** The list of all accounts. Newest first: who reviews new users finds them on the first page. */
export function createAccountList({ repository }: { repository: AccountListRepository }) {
  const read = shareReads(([{ page, perPage }]: readonly [RequestOf<List>, ...RequestOf<List>[]]) =>
    repository.page((page - 1) * perPage, perPage),
  );
  return {
    list: (asked: RequestOf<List>): Promise<ReplyOf<List>> => read(`${asked.page} ${asked.perPage}`, asked),
  };
}
