import { z } from 'zod';

/** What routes answer with, for the document: which fields there are depends on the version that is asked for. */
export const ITEM_RESULT = { 200: z.looseObject({ uuid: z.string().optional() }).describe('The resource') };

export const LIST_RESULT = {
  200: z.looseObject({ next: z.string().optional().describe('URL of the next page') }).describe('A page of them'),
};

export const NOTHING = { 204: z.undefined().describe('Done') };
