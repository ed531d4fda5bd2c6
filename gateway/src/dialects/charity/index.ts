import type { Dialect } from '../dialect.ts';
import { routes } from './routes.ts';

/** Roles and account states of a charity's donors and volunteers: `{"code", "msg", "data"}`, code 200 is good. */
export const charity: Dialect = {
  name: 'charity',
  description: 'Accounts with roles and states: register, log in, review, search',
  prefix: '/user',
  routes,
};
