/** Of W3C Trace Context: version, trace, span and flags. */
const TRACE_PARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-|$)/;

/** The trace that a `traceparent` names; undefined for anything else. */
export function traceIdOf(traceParent: string | null | undefined): string | undefined {
  return TRACE_PARENT.exec(traceParent ?? '')?.[1];
}
