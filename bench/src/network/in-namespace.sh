#!/bin/sh
# Starts the browser inside a network namespace; its DevTools pipe is handed through.
exec ip netns exec "$BENCH_NAMESPACE" "$BENCH_CHROMIUM" "$@"
