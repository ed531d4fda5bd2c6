import type { Dialect } from '../dialect.ts';
import { routes } from './routes.ts';

/** A mini-program's users by openid: `{"code", "msg", "data"}`, code 0 is good. */
export const openid: Dialect = {
  name: 'openid',
  description: 'Users of a mini-program by their openid: register, profile, search history',
  prefix: '/service/user',
  rate: ({ OPENID_RATE, OPENID_RATE_WINDOW_MS }) => ({ limit: OPENID_RATE, windowMs: OPENID_RATE_WINDOW_MS }),
  routes,
};
