import { checkDefinition } from '@vestibule/process/definition-rules';
import { svgOf } from '@vestibule/process/diagram/svg';
import { readShipped, shippedFolder } from '@vestibule/process/shipped-definitions';

/** The processes that come with the platform as pictures, for docs/definitions.md. */
export async function processPictures(): Promise<{ path: string; text: string }[]> {
  const definitions = (await readShipped(shippedFolder)).map(checkDefinition);
  return definitions.map((definition) => ({
    path: `docs/processes/${definition.name}.svg`,
    text: svgOf(definition, []),
  }));
}
