"""What the end-to-end cases, the demo and the benchmark share: processes,
ports, raw RESP, events, a writer, a proxy. Python's standard library only."""
