import type { Role } from '@vestibule/shared/contracts/account';
import { authContracts } from '@vestibule/shared/contracts/auth';
import { userContracts } from '@vestibule/shared/contracts/user';
import { claimsOf } from '../../services/auth/test/auth-service.ts';
import type { People, Person, Wanted } from './people.ts';
import { type MatrixPlatform, sessionSeconds } from './platform.ts';
import type { Forgeries } from './tokens.ts';

/** Whom an operation is for; whose tokens the dead and forged ones are, and whose cookies. */
export type Meant = 'normal' | 'repair' | 'admin';

export const host = 'vestibule.test';
type Headers = Record<string, string>;
const bearer = ({ token }: { token: string }): Headers => ({ authorization: `Bearer ${token}` });
const cookie = ({ token }: { token: string }, more: Headers = {}): Headers[] => [
  { cookie: `session=${token}`, ...more },
];

type Tools = Pick<MatrixPlatform, 'call' | 'clock'> & { people: People; forgeries: Forgeries };

/** One kind of caller. */
type Kind = {
  /** Who it is; absent: nobody. */
  who?: (tools: Tools, meant: Meant) => Promise<Person>;
  /** Whether it acts on its own record; `if normal`: where the operation is meant for everybody. */
  own?: true | 'if normal';
  /** What its requests carry: one or several, all to be answered alike. Ends the session first where it must be dead. */
  carries: (person: Person, tools: Tools, meant: Meant) => Headers[] | Promise<Headers[]>;
};

const some =
  (wanted: Wanted) =>
  ({ people }: Tools): Promise<Person> =>
    people.make(wanted);
const meantOne = ({ people }: Tools, meant: Meant) => people.make({ role: meant });
/** No admin can be frozen: who is to be a frozen one becomes it afterwards. */
const laterAdmin = ({ people }: Tools, meant: Meant) =>
  people.make({ role: meant === 'admin' ? 'normal' : meant });

const alive = (role: Role): Kind => ({ who: some({ role }), carries: (person) => [bearer(person)] });

/** The columns of the matrix. */
export const kinds = {
  nobody: { carries: () => [{}] },
  pending: { who: some({ status: 'pending' }), own: true, carries: (person) => [bearer(person)] },
  'pending, other': { who: some({ status: 'pending' }), carries: (person) => [bearer(person)] },
  'pending admin': {
    who: some({ role: 'admin', status: 'pending' }),
    carries: (person) => [bearer(person)],
  },
  own: { who: some({}), own: true, carries: (person) => [bearer(person)] },
  other: alive('normal'),
  donor: alive('donor'),
  volunteer: alive('volunteer'),
  repair: alive('repair'),
  admin: alive('admin'),
  frozen: {
    who: laterAdmin,
    own: 'if normal',
    async carries(person, { call }, meant) {
      await call(userContracts.setStatus, { id: person.id, status: 'frozen' });
      if (meant === 'admin') await call(userContracts.setRole, { id: person.id, role: 'admin' });
      return [bearer(person)];
    },
  },
  deleted: {
    who: meantOne,
    own: 'if normal',
    async carries(person, { call }) {
      await call(userContracts.remove, { id: person.id });
      return [bearer(person)];
    },
  },
  'logged out': {
    who: meantOne,
    own: 'if normal',
    async carries(person, { call }) {
      await call(authContracts.logout, { sessionId: claimsOf(person.token).sid });
      return [bearer(person)];
    },
  },
  expired: {
    async who(tools, meant) {
      const person = await meantOne(tools, meant);
      tools.clock.advance(sessionSeconds * 1000);
      return person;
    },
    own: 'if normal',
    carries: (person) => [bearer(person)],
  },
  forged: {
    who: meantOne,
    own: 'if normal',
    carries: ({ token }, { forgeries }) => forgeries.forged(token).map((one) => bearer({ token: one })),
  },
  foreign: {
    who: meantOne,
    own: 'if normal',
    carries: ({ token }, { forgeries }) => forgeries.foreign(token).map((one) => bearer({ token: one })),
  },
  proved: { who: ({ people }) => people.proved(), own: 'if normal', carries: (person) => [bearer(person)] },
  cookie: { who: meantOne, own: 'if normal', carries: (person) => cookie(person) },
  'own origin': {
    who: meantOne,
    own: 'if normal',
    carries: (person) => cookie(person, { origin: `http://${host}` }),
  },
  'foreign origin': {
    who: meantOne,
    own: 'if normal',
    carries: (person) => cookie(person, { origin: 'https://evil.example' }),
  },
} satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;
export const kindNames = Object.keys(kinds) as readonly KindName[];
export const kindOf = (name: KindName): Kind => kinds[name];
