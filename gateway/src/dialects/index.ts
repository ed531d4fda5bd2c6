import { accounts } from './accounts/index.ts';
import { charity } from './charity/index.ts';
import type { Dialect } from './dialect.ts';
import { medicine } from './medicine/index.ts';
import type { DialectName } from './names.ts';
import { openid } from './openid/index.ts';

/** All documents that the gateway can serve. */
export const dialects: Readonly<Record<DialectName, Dialect>> = { accounts, medicine, openid, charity };
