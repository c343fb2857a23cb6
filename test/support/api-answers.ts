import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { OpenAPIV3_1 } from 'openapi-types';

export type ApiDocument = Omit<OpenAPIV3_1.Document, 'paths'> & {
  paths: Record<string, Record<string, OpenAPIV3_1.OperationObject>>;
};

/** Holds answers of the REST API against its own OpenAPI document. */
export class ApiAnswers {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: false });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(private readonly document: ApiDocument) {
    addFormats.default(this.#ajv);
    this.#ajv.addSchema(document, 'api');
  }

  /**
   * What is wrong with an answer; null: nothing.
   *
   * @param route its method and path, as the document has them; null: the document has none
   */
  problemOf(route: { method: string; path: string } | null, status: number, body: string): string | null {
    const operation = route === null ? undefined : this.document.paths[route.path]?.[route.method];
    const answer = operation?.responses?.[status];
    if (operation !== undefined && answer === undefined) return `the document has no ${status} of this route`;
    if (body === '') return status === 204 || route?.method === 'head' ? null : 'the answer is empty';
    const pointer = answer === undefined ? UNKNOWN : pointerOf(answer, route, status);
    const validator = this.#validator(pointer);
    try {
      if (validator(JSON.parse(body))) return null;
    } catch {
      return 'the answer is no JSON';
    }
    return `the answer is not as the document says: ${this.#ajv.errorsText(validator.errors)}`;
  }

  #validator(pointer: string): ValidateFunction {
    const known = this.#validators.get(pointer);
    if (known !== undefined) return known;
    const validator = this.#ajv.compile({ $ref: `api#${pointer}` });
    this.#validators.set(pointer, validator);
    return validator;
  }
}

/** What there is no route for is answered with the error document. */
const UNKNOWN = '/components/schemas/Error';
const CONTENT = '/content/application~1json/schema';

function pointerOf(answer: object, route: { method: string; path: string } | null, status: number): string {
  if ('$ref' in answer) return `${String(answer.$ref).slice(1)}${CONTENT}`;
  const path = (route?.path ?? '').replaceAll('~', '~0').replaceAll('/', '~1').replace(/[{}]/g, encodeURIComponent);
  return `/paths/${path}/${route?.method ?? ''}/responses/${status}${CONTENT}`;
}
