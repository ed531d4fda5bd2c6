import { type Static, Type } from '../schema.ts';

/** A JSON object whose shape something else decides; whoever stores it has looked at its size and its text. */
export const JsonObject = Type.Record(Type.String(), Type.Unknown());
export type JsonObject = Static<typeof JsonObject>;
