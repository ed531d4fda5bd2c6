import { type Static, Type } from '../schema.ts';

/** A part of the platform that has settings of its own. */
export const Part = Type.Union([
  Type.Literal('gateway'),
  Type.Literal('auth'),
  Type.Literal('user'),
  Type.Literal('verification'),
  Type.Literal('process'),
]);
export type Part = Static<typeof Part>;

const name = '^[A-Z][A-Z0-9_]{0,63}$';
/** As far as it may be told, see setting-texts.ts. */
const SettingText = Type.String({ maxLength: 1100 });

/** What a part runs with, by the names of its settings; one that is not set is not there. */
export const SettingTexts = Type.Record(Type.String({ pattern: name }), SettingText, {
  additionalProperties: false,
  maxProperties: 200,
});
export type SettingTexts = Static<typeof SettingTexts>;

/** One setting that is other than it was; null: not set. */
export const SettingChange = Type.Object({
  name: Type.String({ pattern: name }),
  from: Type.Union([SettingText, Type.Null()]),
  to: Type.Union([SettingText, Type.Null()]),
});
export type SettingChange = Static<typeof SettingChange>;
