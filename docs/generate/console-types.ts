import type { OpenAPIV3_1 } from 'openapi-types';
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';

import { servedDocument } from './api.js';

const HEAD = '// Made by `script/docs` of the OpenAPI document.\n\n';

/** console/src/api/generated.ts: the types of the API's answers. The console needs no types of routes. */
export async function consoleTypes(): Promise<string> {
  const { openapi, info, components } = await servedDocument();
  const schemas: OpenAPIV3_1.ComponentsObject = { schemas: components?.schemas ?? {} };
  const document = { openapi, info, paths: {}, components: schemas };
  return `${HEAD}${astToString(await openapiTS(document as OpenAPI3, { alphabetize: true }))}`;
}
