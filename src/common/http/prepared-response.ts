import { createHash } from 'node:crypto';

/** A response ready to send: the JSON body and the entity tag of its bytes. */
export class PreparedResponse {
  constructor(
    readonly body: Buffer,
    readonly entityTag: string,
  ) {}

  /** @param value serialized as JSON; its `version`, if it is a number, becomes part of the tag */
  static of(value: object): PreparedResponse {
    const body = Buffer.from(JSON.stringify(value));
    return new PreparedResponse(body, entityTagOf(body, (value as { version?: unknown }).version));
  }
}

/** `"<version>-<hash>"`, so that the tag also works with `If-Match`; `"<hash>"` for a body without a version. */
export function entityTagOf(body: string | Buffer, version?: unknown): string {
  const hash = createHash('sha1').update(body).digest('base64url').slice(0, 22);
  return typeof version === 'number' ? `"${version}-${hash}"` : `"${hash}"`;
}
