// How the API says that something failed: the HTTP status and a JSON body, the same on every route.
import type { ErrorCode } from '../errors.ts';

export type ApiErrorCode = ErrorCode | 'login' | 'forbidden' | 'busy';

export interface ApiError {
  code: ApiErrorCode;
  /** what is wrong and what to do, for a person */
  message: string;
  /** when a next try makes sense */
  retrySeconds?: number;
}

export const HTTP_STATUS = {
  usage: 400,
  query: 400,
  input: 400,
  config: 400,
  network: 400,
  rule: 400,
  login: 401,
  forbidden: 403,
  locked: 403,
  'not-found': 404,
  busy: 429,
  archive: 503,
  store: 503,
  capture: 503,
  control: 503,
  engine: 503,
  io: 503,
} as const satisfies Record<ApiErrorCode, number>;
