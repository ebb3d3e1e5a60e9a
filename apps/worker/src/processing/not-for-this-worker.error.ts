/** Another worker can do what this one cannot. */
export class NotForThisWorkerError extends Error {
  constructor() {
    super('The work is for another worker.');
    this.name = 'NotForThisWorkerError';
  }
}
