import type { Dialect } from '../dialect.ts';
import { routes } from './routes.ts';

/** An admin panel's accounts: `{"cmd", "data", "message", "status"}`, status true is good. */
export const accounts: Dialect = {
  name: 'accounts',
  description: 'Accounts of an admin panel: sign-up with a picture, review, list; captchas',
  prefix: '',
  routes,
};
