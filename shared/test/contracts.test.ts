import { readdir } from 'node:fs/promises';
import t from 'tap';
import type { Contract } from '../src/contracts/contract.ts';
import { commonErrorCodes, isErrorCode } from '../src/errors.ts';
import { TypeCompiler } from '../src/schema.ts';

/** Every contract of the platform, as the files of the folder export them. */
async function everyContract(): Promise<{ service: string; contract: Contract }[]> {
  const folder = new URL('../src/contracts/', import.meta.url);
  const found = [];
  for (const file of await readdir(folder)) {
    const exported: Record<string, unknown> = await import(new URL(file, folder).href);
    for (const [name, value] of Object.entries(exported)) {
      if (!name.endsWith('Contracts')) continue;
      const service = name.slice(0, -'Contracts'.length);
      // Exports of that name are tables of contracts.
      const contracts = Object.values(value as Record<string, Contract>);
      found.push(...contracts.map((contract) => ({ service, contract })));
    }
  }
  return found;
}

const all = await everyContract();

t.test('the contracts of both services are found', async (t) => {
  const subjects = all.map(({ contract }) => contract.subject);
  t.ok(subjects.includes('auth.register'));
  t.ok(subjects.includes('user.create'));
});

t.test('a subject is the name of its service and of one operation, and stands once', async (t) => {
  for (const { service, contract } of all)
    t.match(contract.subject, RegExp(`^${service}\\.[a-z]+(-[a-z]+)*$`));
  t.equal(new Set(all.map(({ contract }) => contract.subject)).size, all.length);
});

t.test('a contract says in one sentence what it does', async (t) => {
  for (const { contract } of all) t.match(contract.summary, /^[A-Z].+\.$/, contract.subject);
});

t.test('a contract lists what it adds to the common errors, each once', async (t) => {
  for (const { contract } of all) {
    const codes: readonly string[] = contract.errors;
    t.ok(codes.every(isErrorCode), contract.subject);
    t.notOk(
      codes.some((code) => commonErrorCodes.some((common) => common === code)),
      contract.subject,
    );
    t.equal(new Set(codes).size, codes.length, contract.subject);
  }
});

t.test('requests and replies are objects that compile', async (t) => {
  for (const { contract } of all) {
    for (const schema of [contract.request, contract.reply]) {
      t.notOk(TypeCompiler.Compile(schema).Check('text'), contract.subject);
    }
  }
});
