import { ApiProperty } from '@nestjs/swagger';
/** A rejected field. */
export class FieldProblemDto {
  /**
   * Location of the field: a JSON pointer into the body, `?name` in the query, `{name}` in the path or `header:Name`.
   * @example "#/rating"
   */
  pointer!: string;
  /**
   * Violated rule, in the language of `Accept-Language`.
   * @example "must be at most 5"
   */
  detail!: string;
}

/** Problem details of an error response (RFC 9457). */
export class ProblemDto {
  /**
   * URN of the problem type; equivalent to `code`.
   * @example "urn:ecogreen:problem:place-not-found"
   */
  type!: string;
  /**
   * HTTP status phrase, in the language of `Accept-Language` (ko, en).
   * @example "Not Found"
   */
  title!: string;
  /**
   * HTTP status code.
   * @example 404
   */
  @ApiProperty({ maximum: 599 })
  status!: number;
  /**
   * Explanation and remedy, in the language of `Accept-Language`.
   * @example "The place does not exist."
   */
  detail!: string;
  /**
   * URI reference of this occurrence.
   * @example "/requests/0198d7a2-6b1e-7c43-9f52-1f0c2a9be001"
   */
  instance!: string;
  /**
   * Stable, machine-readable error code.
   * @example "PLACE_NOT_FOUND"
   */
  code!: string;
  /**
   * Id of the request; also in the header `X-Request-Id` and in the server log.
   * @example "0198d7a2-6b1e-7c43-9f52-1f0c2a9be001"
   */
  requestId!: string;
  /** Rejected fields; only for invalid input. */
  errors?: FieldProblemDto[];
}
