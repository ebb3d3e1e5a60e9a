-- X-Request-Id and traceparent of the call that asked for a run: its log lines and spans name them.
ALTER TABLE training_runs ADD COLUMN request_id text, ADD COLUMN trace_parent text;
