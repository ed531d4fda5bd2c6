import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JsonObject } from '@vestibule/shared/contracts/json';
import { AppError } from '@vestibule/shared/errors';
import { TypeCompiler } from '@vestibule/shared/schema';
import { checkDefinition } from './definition-rules.ts';

/** The folder of the definitions that come with the platform. */
export const shippedFolder = fileURLToPath(new URL('../definitions', import.meta.url));

const someObject = TypeCompiler.Compile(JsonObject);

/** What is wrong with a file, in a few words for whoever starts the service. */
function reasonOf(error: unknown): string {
  if (error instanceof AppError) return `${error.details.field} is refused: ${error.details.rule}`;
  return error instanceof Error ? error.message : String(error);
}

async function readDefinition(path: string): Promise<JsonObject> {
  try {
    const body: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (!someObject.Check(body)) throw new Error('it is no JSON object');
    const { name } = checkDefinition(body);
    if (`${name}.json` !== basename(path)) throw new Error(`its name is ${name}`);
    return body;
  } catch (error) {
    throw new Error(`the shipped definition ${path} is broken: ${reasonOf(error)}`);
  }
}

/** The definitions of a folder, by their names. A broken one is an error that names the file and the place. */
export async function readShipped(folder: string): Promise<JsonObject[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(names.map((name) => readDefinition(join(folder, name))));
}
