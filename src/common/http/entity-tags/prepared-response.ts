import { createHash } from 'node:crypto';

/** An answer ready to send: its body as JSON, and the entity tag of these bytes. */
export class PreparedResponse {
  constructor(
    readonly body: Buffer,
    readonly entityTag: string,
  ) {}

  /** @param value what JSON can say; a whole `version` of it becomes part of the tag */
  static of(value: object): PreparedResponse {
    const body = Buffer.from(JSON.stringify(value));
    return new PreparedResponse(body, entityTagOf(body, (value as { version?: unknown }).version));
  }
}

/** `"<version>-<hash>"`, so that the tag serves `If-Match` too; `"<hash>"` for what has no version. */
export function entityTagOf(body: string | Buffer, version?: unknown): string {
  const hash = createHash('sha1').update(body).digest('base64url').slice(0, 22);
  return typeof version === 'number' ? `"${version}-${hash}"` : `"${hash}"`;
}
