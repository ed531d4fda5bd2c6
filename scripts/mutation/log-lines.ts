import type { Ignorer } from '@stryker-mutator/api/ignore';
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';
import { Type, TypeCompiler } from '@vestibule/shared/schema';

/** What is asked of a node of the parsed code. */
const LogLine = TypeCompiler.Compile(
  Type.Object({
    node: Type.Union([
      Type.Object({ type: Type.Literal('StringLiteral') }),
      Type.Object({ type: Type.Literal('TemplateLiteral') }),
    ]),
    parent: Type.Object({
      type: Type.Literal('CallExpression'),
      callee: Type.Object({
        type: Type.Literal('MemberExpression'),
        object: Type.Object({ name: Type.Literal('logger') }),
      }),
    }),
  }),
);

/** The words of log lines: no client and no rule reads them. That a line is logged, and with what, is mutated. */
const logLines: Ignorer = {
  shouldIgnore: (path) => (LogLine.Check(path) ? 'the words of a log line' : undefined),
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'log-lines', logLines)];
