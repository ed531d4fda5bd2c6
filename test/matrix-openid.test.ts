import t from 'tap';
import { boundOpenid, openid } from './matrix/openid.ts';
import { tryMatrix } from './matrix/run.ts';

t.test('an openid that is only claimed', (t) => tryMatrix(t, openid));
t.test('an openid that is proved by its token', (t) => tryMatrix(t, boundOpenid));
