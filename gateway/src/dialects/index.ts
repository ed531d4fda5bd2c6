import { accounts } from './accounts/index.ts';
import { charity } from './charity/index.ts';
import type { Dialect } from './dialect.ts';
import { medicine } from './medicine/index.ts';
import type { DialectName } from './names.ts';
import { openid } from './openid/index.ts';
import { repair } from './repair/index.ts';

/** All documents that the gateway can serve. */
export const dialects: Readonly<Record<DialectName, Dialect>> = {
  repair,
  accounts,
  medicine,
  openid,
  charity,
};
