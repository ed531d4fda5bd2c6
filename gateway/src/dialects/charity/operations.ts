import type { TObject } from '@vestibule/shared/schema';
import { type OperationOptions, operation } from '../dialect.ts';
import { failing } from './answers.ts';
import {
  ById,
  Done,
  Found,
  LoggedIn,
  Login,
  Names,
  PasswordChange,
  Refused,
  Registered,
  Registration,
  RoleChange,
  Search,
  StatusChange,
  User,
} from './schemas.ts';

type Described<B extends TObject> = Omit<OperationOptions<B>, 'fail' | 'failure'>;

const described = <B extends TObject>(options: Described<B>) =>
  operation({ ...options, failure: Refused, fail: failing({ withData: false }) });

/** Where the document shows `data: {}` in the bad answers too. */
const describedWithData = <B extends TObject>(options: Described<B>) =>
  operation({ ...options, failure: Refused, fail: failing({ withData: true }) });

const done = { code: 200, msg: '', data: {} };

/** The eight operations of the document, with its examples. */
export const operations = {
  register: described({
    access: 'maybe-signed-in',
    takesPassword: true,
    summary: 'Registers an account; only an administrator makes administrators where registration is closed',
    body: Registration,
    example: { first_name: 'Sara', last_name: 'Hammer', role: '1', password: 'sesame-4711' },
    answer: Registered,
    good: {
      code: 200,
      msg: '',
      data: {
        id: '51923482',
        token: '3a93c15d92e94fa788e666f0134a2961',
        role: 'donor',
        first_name: 'Sara',
        last_name: 'Hammer',
      },
    },
    refusals: ['input-invalid', 'password-weak', 'admin-registration-closed'],
  }),
  login: described({
    access: 'anyone',
    takesPassword: true,
    summary: 'Opens a session for an id and its password',
    body: Login,
    example: { id: '51923482', password: 'sesame-4711' },
    answer: LoggedIn,
    good: { code: 200, msg: '', data: { token: '4ffb703506694c9f9042a66659d16bca' } },
    refusals: ['input-invalid', 'credentials-wrong', 'account-inactive'],
  }),
  permission: describedWithData({
    access: 'admin',
    summary: 'Gives an account another role',
    body: RoleChange,
    example: { id: '51923482', role: '2' },
    answer: Done,
    good: done,
    refusals: ['session-dead', 'not-allowed', 'input-invalid', 'account-is-admin', 'account-unknown'],
  }),
  status: describedWithData({
    access: 'admin',
    summary: 'Freezes, deletes or unfreezes an account',
    body: StatusChange,
    example: { id: '51923482', status: '1' },
    answer: Done,
    good: done,
    refusals: ['session-dead', 'not-allowed', 'input-invalid', 'account-is-admin', 'account-unknown'],
  }),
  changepassword: described({
    access: 'anyone',
    takesPassword: true,
    summary: 'Replaces a password and ends all sessions of its account',
    body: PasswordChange,
    example: { id: '51923482', password: 'sesame-4711', new_password: 'poppy-0815' },
    answer: Done,
    good: done,
    refusals: ['input-invalid', 'credentials-wrong', 'account-inactive', 'password-weak'],
  }),
  changeinformation: described({
    access: 'own-record',
    summary: "Replaces the names of the token's account",
    body: Names,
    example: { first_name: 'Sinope', last_name: 'Nanto' },
    answer: Done,
    good: done,
    refusals: ['session-dead', 'input-invalid'],
  }),
  search: described({
    access: 'admin',
    summary: 'The ids of the accounts that match all given fields, in falling order',
    body: Search,
    example: { first_name: 'Sara', role: '1' },
    answer: Found,
    good: { code: 200, msg: '', data: { id_list: ['70671574', '64162251', '51923482'] } },
    refusals: ['session-dead', 'not-allowed', 'input-invalid'],
  }),
  getuser: described({
    access: 'own-record',
    summary: "An account's record, for itself and for administrators",
    body: ById,
    example: { id: '70671574' },
    answer: User,
    good: {
      code: 200,
      msg: '',
      data: {
        id: '70671574',
        first_name: 'Sinope',
        last_name: 'Nanto',
        role: 'administrator',
        status: '0',
      },
    },
    refusals: ['session-dead', 'not-allowed', 'input-invalid', 'account-unknown'],
  }),
};
