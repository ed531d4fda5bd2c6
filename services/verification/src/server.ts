import { serveAloneWithoutRows } from '@vestibule/shared/serve-alone';
import { verification } from './service.ts';

await serveAloneWithoutRows(verification, process.env);
