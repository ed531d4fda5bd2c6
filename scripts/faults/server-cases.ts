import { cutFromAuth, type Fault, killed, paused, type Server } from './server-faults.ts';
import type { Stack } from './stack.ts';

/** A server that is lost, and what clients are to notice of it. */
export type Case = {
  server: Server;
  name: string;
  fault: (stack: Stack, server: Server) => Promise<Fault>;
  /** What is answered well all the while; anything else may be answered 503. */
  goesOn: readonly string[];
  /** What is answered 503. */
  refused: readonly string[];
};

const all = ['read', 'login', 'register', 'apply', 'rename', 'captcha', 'sms'];
/** What lives in the store alone. */
const ofVerification = ['captcha', 'sms'];
const others = all.filter((name) => !ofVerification.includes(name));

/** Away from everybody. */
const lost: readonly Pick<Case, 'server' | 'goesOn' | 'refused'>[] = [
  { server: 'nats', goesOn: [], refused: all },
  { server: 'postgres', goesOn: ofVerification, refused: others },
  { server: 'redis', goesOn: others, refused: ofVerification },
];
/** Away from auth: calls of whose session there is no fresh copy are refused too. */
const cut: typeof lost = [
  { server: 'nats', goesOn: ofVerification, refused: ['login', 'register'] },
  { server: 'postgres', goesOn: ofVerification, refused: ['login', 'register'] },
  { server: 'redis', goesOn: all, refused: [] },
];

export const cases: readonly Case[] = [
  ...lost.map((one) => ({ ...one, name: 'killed', fault: killed })),
  ...lost.map((one) => ({ ...one, name: 'paused', fault: paused })),
  ...cut.map((one) => ({ ...one, name: 'cut off from auth', fault: cutFromAuth })),
];
