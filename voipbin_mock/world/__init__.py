"""The state of one mock: clock, ids, timers, tables, bus, seeds."""
