// How every failure is answered.
import { type ApiError, HTTP_STATUS } from '../api/errors.ts';
import { renderNoCookie } from './login/cookie.ts';

/** Every failure looks the same: a status, and a body of {@link ApiError}. */
export function answerError(error: ApiError): Response {
  const headers = new Headers({ 'content-type': 'application/json' });
  if (error.retrySeconds !== undefined) headers.set('retry-after', String(error.retrySeconds));
  if (error.code === 'login') headers.set('set-cookie', renderNoCookie());
  return new Response(JSON.stringify(error), { status: HTTP_STATUS[error.code], headers });
}
