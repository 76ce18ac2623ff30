/** Expects a problem response with the status and code. */
export function expectProblem(
  response: { readonly status: number; readonly body: Readonly<Record<string, unknown>> },
  status: number,
  code: string,
): void {
  expect({ status: response.status, code: response.body['code'] }).toEqual({ status, code });
}
