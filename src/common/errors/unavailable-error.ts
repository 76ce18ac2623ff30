/** A dependency did not serve a call; the same call may succeed later. Modules that own a client derive from it. */
export class UnavailableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
