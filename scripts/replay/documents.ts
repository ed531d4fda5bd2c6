import { replayAccounts } from './accounts.ts';
import { type Kept, replayCharity } from './charity.ts';
import { type Checks, replayClient, type Style, styles } from './client.ts';
import { replayMedicine } from './medicine.ts';
import { replayOpenid } from './openid.ts';
import { replayRepair } from './repair.ts';

/** What must still be there after a restart, and the word that tells its names from others'. */
export type Remembered = { mark: string; account: Kept };

/** The requests of all documents, in each of the styles, against `next()`; `prefix` begins the names that they give. */
export async function replayDocuments(
  next: () => string,
  prefix: string,
  checks: Checks,
  written: readonly Style[] = styles,
): Promise<Remembered[]> {
  const remembered: Remembered[] = [];
  for (const [index, style] of written.entries()) {
    const mark = `${prefix}${index}`;
    const client = replayClient(next, style, checks);
    remembered.push({ mark, account: await replayCharity(client, mark) });
    await replayOpenid(client, mark);
    await replayAccounts(client, mark);
    await replayMedicine(client, mark);
    await replayRepair(client, mark);
  }
  return remembered;
}
