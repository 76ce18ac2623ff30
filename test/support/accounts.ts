import { randomBytes } from 'node:crypto';
import type { Api, CallOptions } from './api.js';

/** Credentials and tokens of a user who has signed up and logged in. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly nickname: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface TokenPairBody {
  readonly tokenType: string;
  readonly accessToken: string;
  readonly expiresIn: number;
  readonly refreshToken: string;
  readonly refreshExpiresIn: number;
  readonly deviceToken: string;
}

type AccountInput = Partial<Pick<Account, 'email' | 'password' | 'nickname'>>;

/** Input of a sign-up, unique except for the given fields. */
export function newAccount(given: AccountInput = {}) {
  const word = randomBytes(6).toString('hex');
  return { email: `${word}@example.com`, password: 'acorns under the ginkgo', nickname: `초록${word}`, ...given };
}

/** Signs up and logs in over HTTP; `aUser` of factories.ts is faster where only a token is needed. */
export async function signUp(api: Api, given: AccountInput = {}, options?: CallOptions): Promise<Account> {
  const account = newAccount(given);
  const { status, body, text } = await api.post<{ id: string }>('/auth/signup', account, options);
  if (status !== 201) throw new Error(`sign-up answered ${status}: ${text}`);
  const { accessToken, refreshToken } = await logIn(api, account, options);
  return { ...account, id: body.id, accessToken, refreshToken };
}

/** Logs in on one more device. */
export async function logIn(
  api: Api,
  { email, password }: Pick<Account, 'email' | 'password'>,
  options?: CallOptions,
): Promise<TokenPairBody> {
  const { status, body, text } = await api.post<TokenPairBody>('/auth/login', { email, password }, options);
  if (status !== 200) throw new Error(`login answered ${status}: ${text}`);
  return body;
}

/** Reissues; `status` is that of the response, `code` that of its problem, if any. */
export async function reissue(api: Api, refreshToken: string) {
  const { status, body, headers } = await api.post<TokenPairBody & { code?: string }>('/auth/reissue', undefined, {
    headers: { refresh: refreshToken },
  });
  return { status, code: body.code, pair: body, headers };
}

/** Status and code of a request that requires a user. */
export async function whoAmI(api: Api, accessToken: string): Promise<{ status: number; code: string | undefined }> {
  const { status, body } = await api.get<{ code?: string }>('/users/me', { token: accessToken });
  return { status, code: body.code };
}
