#!/bin/sh
# Run a command and show what it said only when it failed.
set -u
if said=$("$@" 2>&1); then exit 0; fi
echo "$said"
exit 1
