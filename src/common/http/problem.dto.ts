import { ApiProperty } from '@nestjs/swagger';
/** One field that was refused. */
export class FieldProblemDto {
  /**
   * Where it stands: a JSON pointer into the body, `?name` in the query, `{name}` in the path or `header:Name`.
   * @example "#/rating"
   */
  pointer!: string;
  /**
   * What is allowed, in the language of `Accept-Language`.
   * @example "must be at most 5"
   */
  detail!: string;
}

/** An error answer (RFC 9457). */
export class ProblemDto {
  /**
   * Names the kind of problem; says the same as `code`.
   * @example "urn:ecogreen:problem:place-not-found"
   */
  type!: string;
  /**
   * Short, the same for every problem with this status, in the language of `Accept-Language` (ko, en).
   * @example "Not found"
   */
  title!: string;
  /**
   * The HTTP status.
   * @example 404
   */
  @ApiProperty({ maximum: 599 })
  status!: number;
  /**
   * What happened and what to do, in the language of `Accept-Language`.
   * @example "There is no such place."
   */
  detail!: string;
  /**
   * Names this one occurrence.
   * @example "/requests/0198d7a2-6b1e-7c43-9f52-1f0c2a9be001"
   */
  instance!: string;
  /**
   * Stable name to program against.
   * @example "PLACE_NOT_FOUND"
   */
  code!: string;
  /**
   * Id of the request, also in the header `X-Request-Id` and in our log.
   * @example "0198d7a2-6b1e-7c43-9f52-1f0c2a9be001"
   */
  requestId!: string;
  /** For bad input: every refused field. */
  errors?: FieldProblemDto[];
}
