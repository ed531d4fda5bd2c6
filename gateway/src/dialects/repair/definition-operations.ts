import { processPageSize } from '@vestibule/shared/contracts/process';
import { Definitions, Deployed, Diagram } from './answer-schemas.ts';
import { exampleDefinition, exampleDiagram, exampleTask } from './examples.ts';
import { asked, callerRefusals, described } from './operation.ts';
import { withPicture } from './picture.ts';
import { good, list } from './present.ts';
import { DefinitionByName, DefinitionPicture, Deployment, Pages } from './schemas.ts';

/** The operations on definitions of processes. */
export const definitionOperations = {
  list: asked({
    access: 'audited-account',
    summary: 'The newest version of each process, with the schemas of its forms and a diagram',
    address: { querystring: Pages },
    answer: Definitions,
    good: good(
      list(1, processPageSize, 1, [
        {
          name: 'repair_apply',
          title: '报修申请',
          version: 1,
          startable: true,
          form_schema: { type: 'object', required: ['title', 'description', 'location'] },
          tasks: [{ name: 'repair', title: '维修', form_schema: exampleTask.form_schema }],
          diagram: exampleDiagram.mermaid,
        },
      ]),
    ),
    refusals: callerRefusals,
  }),
  deploy: described({
    access: 'admin',
    summary: 'Makes a definition the newest version of its name, for administrators',
    body: Deployment,
    example: { definition: exampleDefinition },
    answer: Deployed,
    good: good({ name: 'lamp_check', version: 1 }),
    refusals: [...callerRefusals, 'json-invalid', 'definition-invalid'],
  }),
  diagram: withPicture(
    asked({
      access: 'audited-account',
      summary: 'The picture of a process',
      address: { params: DefinitionByName, querystring: DefinitionPicture },
      answer: Diagram,
      good: good(exampleDiagram),
      refusals: [...callerRefusals, 'process-unknown'],
    }),
  ),
};
