#!/bin/sh
# Called by cargo in place of rustc, for the crates of this workspace: compiles what a fuzz target runs with the counters
# that libFuzzer reads, and everything else (procedural macros, build scripts) as it is.
name=
for argument in "$@"; do
    [ "$previous" = --crate-name ] && name=$argument
    previous=$argument
done
case $name in
frontdesk_testkit_macros | build_script_*) exec "$@" ;;
esac
exec "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing
