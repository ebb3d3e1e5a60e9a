/** A process cannot start, for a reason that a person can mend: the message is all they need. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
  }
}
