#!/bin/sh
# sh scripts/start-app.sh api|worker: becomes this process of the built service, with the flags that it needs.
# By `exec`, so that signals reach the process itself.
set -f
arguments=$(node "$(dirname "$0")/app-arguments.mjs" "$1") || exit 1
IFS='
'
exec node $arguments
