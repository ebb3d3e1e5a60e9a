/** How long entries of the audit log are stored. */
export const AUDIT_DAYS = 400;

/** A call that changes something by the scope `train` or `admin`, or reads an export. */
export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  /** Of the caller; null where no key was needed. */
  readonly keyId: string | null;
  readonly keyName: string | null;
  readonly method: string;
  readonly route: string;
  readonly address: string;
  /** Of the answer; null while there is none, and where the process ended before. */
  readonly status: number | null;
}
