import t from 'tap';
import { accounts } from './matrix/accounts.ts';
import { tryMatrix } from './matrix/run.ts';

await tryMatrix(t, accounts);
