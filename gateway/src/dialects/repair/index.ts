import type { Dialect } from '../dialect.ts';
import { routes } from './routes.ts';

/** A mini-program's users by WeChat, and what they ask of each other: `{"code", "msg", "data"}`, code 0 is good. */
export const repair: Dialect = {
  name: 'repair',
  description: 'Users of a mini-program by WeChat, and processes: repair requests, their tasks and history',
  prefix: '',
  routes,
};
