"""Benchmarks: `make bench` measures and writes docs/benchmarks.md. They report; no test asserts how long something takes."""
