import type { DestinationStream } from 'pino';
import { Type, Value } from './schema.ts';

const Line = Type.Object({
  level: Type.String(),
  time: Type.String(),
  name: Type.String(),
  msg: Type.Optional(Type.String()),
  err: Type.Optional(Type.Object({ stack: Type.Optional(Type.String()) })),
});

const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

/** Turns the logger's JSON lines into ones for people: `12:00:00 info gateway: listening port=3000`. */
export function prettyLines(target: DestinationStream): DestinationStream {
  return {
    write(text) {
      const line: unknown = JSON.parse(text);
      if (!Value.Check(Line, line)) return target.write(text);
      const { level, time, name, msg = '', err, ...fields } = line;
      const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${shown(value)}`);
      const stack = err?.stack ? `\n${err.stack}` : '';
      target.write(`${time.slice(11, 19)} ${level} ${name}: ${msg}${rest.join('')}${stack}\n`);
    },
  };
}
