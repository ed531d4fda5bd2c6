import { type Person, password } from './people.ts';
import type { Matrix } from './run.ts';

const table = `
operation                    | meant for | nobody | pending | pending, other | pending admin | own  | other | donor | volunteer | repair | admin | frozen   | deleted  | logged out | expired | forged | foreign | proved | cookie | own origin | foreign origin
POST /user/register          | normal    | good   | good    | good           | good          | good | good  | good  | good      | good   | good  | good     | good     | good       | good    | good   | good    | good   | good   | good       | good
POST /user/register admin    | admin     | no     | no      | no             | no            | no   | no    | no    | no        | no     | good  | no       | no       | no         | no      | no     | no      | no     | good   | good       | no
POST /user/login             | normal    | good   | good    | good           | good          | good | good  | good  | good      | good   | good  | abnormal | abnormal | good       | good    | good   | good    | good   | good   | good       | good
POST /user/permission        | admin     | again  | no      | no             | abnormal      | no   | no    | no    | no        | no     | good  | again    | again    | again      | again   | again  | again   | again  | good   | good       | alien
POST /user/status            | admin     | again  | no      | no             | abnormal      | no   | no    | no    | no        | no     | good  | again    | again    | again      | again   | again  | again   | again  | good   | good       | alien
POST /user/changepassword    | normal    | good   | good    | good           | good          | good | good  | good  | good      | good   | good  | abnormal | abnormal | good       | good    | good   | good    | good   | good   | good       | good
POST /user/changeinformation | normal    | again  | good    | good           | good          | good | good  | good  | good      | good   | good  | again    | again    | again      | again   | again  | again   | again  | good   | good       | alien
POST /user/search            | admin     | again  | no      | no             | abnormal      | no   | no    | no    | no        | no     | good  | again    | again    | again      | again   | again  | again   | again  | good   | good       | alien
POST /user/getuser           | normal    | again  | good    | no             | no            | good | no    | no    | no        | no     | good  | again    | again    | again      | again   | again  | again   | again  | good   | good       | alien
`;

const names = { first_name: 'Sara', last_name: 'Hammer' };
const idOf = ({ id }: Person) => String(id);

/** The charity document: contract.md, sections 0 and 5. */
export const charity: Matrix = {
  table,
  words: {
    good: { status: 200, body: { code: 200, msg: '' } },
    again: { status: 200, body: { code: 401, msg: 'please login again' } },
    no: { status: 200, body: { code: 401, msg: "you don't enough permissions" } },
    abnormal: { status: 200, body: { code: 403, msg: 'Account status is abnormal' } },
    alien: { status: 403, body: { code: 401, msg: "you don't enough permissions" } },
  },
  requests: {
    'POST /user/register': () => ({ fields: { ...names, role: '1', password } }),
    'POST /user/register admin': () => ({ fields: { ...names, role: '0', password } }),
    'POST /user/login': ({ subject }) => ({ fields: { id: idOf(subject), password } }),
    'POST /user/permission': ({ subject }) => ({ fields: { id: idOf(subject), role: '2' } }),
    'POST /user/status': ({ subject }) => ({ fields: { id: idOf(subject), status: '1' } }),
    'POST /user/changepassword': ({ subject }) => ({
      fields: { id: idOf(subject), password, new_password: 'poppy-0815' },
    }),
    'POST /user/changeinformation': () => ({ fields: names }),
    'POST /user/search': () => ({ fields: { first_name: 'Sara' } }),
    'POST /user/getuser': ({ subject }) => ({ fields: { id: idOf(subject) } }),
  },
};
