/** The one door to TypeBox: everything else imports schemas, types and checks from here. */
export type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
export { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
export type { Static, TObject, TProperties, TSchema, TUnion } from '@sinclair/typebox';
export { FormatRegistry, Kind, Type, TypeRegistry } from '@sinclair/typebox';
export type { TypeCheck } from '@sinclair/typebox/compiler';
export { TypeCompiler, ValueErrorType } from '@sinclair/typebox/compiler';
export { Value } from '@sinclair/typebox/value';
