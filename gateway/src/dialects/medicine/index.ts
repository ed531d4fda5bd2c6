import type { Dialect } from '../dialect.ts';
import { routes } from './routes.ts';

/** A passport by phone: `{"re_code", "msg"}`, re_code `"0"` is good. */
export const medicine: Dialect = {
  name: 'medicine',
  description: 'Passport by phone: captcha, SMS code, register, log in and out',
  prefix: '/api/1.0',
  routes,
};
